"""A new table without row level security, where the others have it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.ground import ground_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import commands_in, later
from watari.sql.compose import composed

CARD = Card(
    id="sec-new-table-open",
    title=Text(
        en="A new table without the row level security that its neighbours have",
        ja="周囲と違い行レベルセキュリティのない新テーブル",
    ),
    condition=Text(
        en=(
            "CREATE TABLE, without ENABLE ROW LEVEL SECURITY, in a schema in which at least half of the tables have it"
        ),
        ja=("テーブルの半数以上が行レベルセキュリティを使うスキーマで、有効化せずに CREATE TABLE する場合"),
    ),
    harm=Text(
        en="Whoever has rights on the schema by default reads every row of it.",
        ja="スキーマの既定の権限を持つロールから全行が見えます。",
    ),
    fact="relrowsecurity of the live tables of the schema",
    safer=Text(
        en="ALTER TABLE … ENABLE ROW LEVEL SECURITY with policies, in the same migration.",
        ja="同じマイグレーションで ENABLE ROW LEVEL SECURITY とポリシーを追加します。",
    ),
)
KINDS = ("create_stmt",)

_MESSAGE = Text(
    en="{count} of {all} tables in {schema} have row level security, and {table} has none.",
    ja=("{schema} の {all} テーブル中 {count} が行レベルセキュリティを使っていますが、{table} にはありません。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    table = situation.target
    if situation.node.HasField("partbound") or situation.node.relation.relpersistence == "t":
        return
    catalog = situation.world.catalog
    guarded, around = ground_of(catalog).guarded.get(table.schema, (0, 0)) if catalog else (0, 0)
    if not guarded or 2 * guarded < around or _enabled(situation, table):
        return
    safer = composed("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;", table=table)
    message = _MESSAGE(table=table, count=guarded, all=around, schema=table.schema)
    yield situation.hazard(CARD, Level.WARN, table, message, safer=safer)


def _enabled(situation: Situation, table: Name) -> bool:
    return any(
        any(True for _ in commands_in(node, "AT_EnableRowSecurity")) and situation.name(node.relation) == table
        for node in later(situation, "alter_table_stmt")
    )
