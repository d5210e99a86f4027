"""A new rule for rows meets the release that is still running."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints

CARD = Card(
    id="proof-new-restriction",
    title=Text(en="A new rule that running code does not know", ja="稼働中のコードが知らない新しい制約"),
    condition=Text(
        en=(
            "a new CHECK, NOT NULL, UNIQUE or foreign key in a form that nobody has to wait for, also "
            "NOT VALID and CONCURRENTLY"
        ),
        ja=("CHECK・NOT NULL・一意・外部キーを待ちの出ない形（NOT VALID や CONCURRENTLY を含む）で追加する場合"),
    ),
    harm=Text(
        en="Writes of the release that is running fail if they break it, from this moment on.",
        ja="稼働中のリリースの書き込みが制約に反すると、この時点からエラーになります。",
    ),
    fact="NOT VALID constraints hold for every new row, measured on 15 and 18",
    safer=Text(
        en="First the release that keeps the rule, then the rule.",
        ja="制約を守るリリースを先に配備し、その後に制約を追加します。",
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt AT_AddConstraint existing", "alter_table_stmt AT_SetNotNull existing", "index_stmt existing")

_MESSAGE = Text(
    en=("From here on, writes to {table} that break the new rule fail; the release that keeps it has to be out."),
    ja=("以後、新しい制約に反する {table} への書き込みはエラーになります。対応済みのリリースを先に配備してください。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard; where others wait, the hazard of that says enough."""
    if any(cause.waits for cause in situation.causes):
        return
    table = situation.target
    if not situation.old(table) or not _restricts(situation):
        return
    if situation.world.known and (situation.world.is_empty(table) or situation.world.table(table) is None):
        return
    yield situation.hazard(CARD, Level.INFO, table, _MESSAGE(table=table))


def _restricts(situation: Situation) -> bool:
    if situation.kind == "index_stmt":
        return bool(situation.node.unique)
    if any(situation.commands("AT_SetNotNull")):
        return True
    rules = ("CONSTR_CHECK", "CONSTR_FOREIGN", "CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION", "CONSTR_NOTNULL")
    return any(not constraint.indexname for constraint in added_constraints(situation, *rules))
