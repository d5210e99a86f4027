"""After a rewrite the visibility map is empty and nothing is known of the table."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import later, table_of
from watari.sql.compose import composed

CARD = Card(
    id="rewrite-visibility-lost",
    title=Text(en="Index-only scans are slow after a rewrite", ja="書き直し後はインデックスオンリースキャンが効かない"),
    condition=Text(
        en="a statement that writes a large table anew, without VACUUM afterwards",
        ja="大きなテーブルを書き直し、その後に VACUUM がない場合",
    ),
    harm=Text(
        en="Index-only scans read the table again, until VACUUM has been over it.",
        ja="VACUUM が済むまで、インデックスオンリースキャンもテーブル本体を読みます。",
    ),
    fact="relallvisible was 0 after any rewrite, measured on 15 and 18",
    safer=Text(
        en="VACUUM (ANALYZE) as a step of its own afterwards.",
        ja="その後、独立したステップで VACUUM (ANALYZE) を実行します。",
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt rewrites",)

_MESSAGE = Text(
    en="Index-only scans of {table} read the table itself until it is vacuumed.",
    ja="VACUUM するまで、{table} のインデックスオンリースキャンはテーブル本体を読みます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    if any(True for _ in later(situation, "vacuum_stmt")):
        return
    for effect in situation.effects.effects:
        name = name_of(effect.relation) if effect.rewrite and not effect.created else None
        table = table_of(situation, name) if name is not None else None
        if table is not None and situation.world.known and situation.is_large(table):
            safer = composed("VACUUM (ANALYZE) {table};", table=table.name)
            yield situation.hazard(CARD, Level.INFO, table.name, _MESSAGE(table=table.name), safer=safer)
