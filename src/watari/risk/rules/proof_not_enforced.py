"""A constraint that is not enforced promises nothing."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints

CARD = Card(
    id="proof-not-enforced",
    title=Text(en="A constraint that protects nothing", ja="何も守らない制約"),
    condition=Text(en="ADD CONSTRAINT … NOT ENFORCED", ja="ADD CONSTRAINT … NOT ENFORCED を実行する場合"),
    harm=Text(
        en="It takes the locks of the enforced form for a moment and lets every row in.",
        ja="強制される制約と同じロックを一瞬取りますが、どんな行も受け入れます。",
    ),
    fact="measured on 18: the locks of the enforced form, no check",
    safer=Text(
        en="NOT VALID, which new rows have to keep, and VALIDATE later.",
        ja="NOT VALID（新しい行には強制される）で追加し、後で VALIDATE します。",
    ),
    versions="18",
)
KINDS = ("alter_table_stmt AT_AddConstraint",)

_MESSAGE = Text(
    en="{name} of {table} is not enforced: rows that break it are accepted, now and later.",
    ja="{table} の {name} は強制されないため、違反する行も受け入れられます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a constraint."""
    for constraint in added_constraints(situation, "CONSTR_CHECK", "CONSTR_FOREIGN"):
        if not constraint.is_enforced and situation.old(situation.target):
            name = constraint.conname or situation.target.name
            message = _MESSAGE(name=name, table=situation.target)
            yield situation.hazard(CARD, Level.WARN, f"{situation.target}.{name}", message)
