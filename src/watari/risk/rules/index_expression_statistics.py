"""An index on an expression has no statistics until ANALYZE."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import later
from watari.sql.compose import composed

CARD = Card(
    id="index-expression-statistics",
    title=Text(en="An index on an expression lacks statistics", ja="式インデックスに統計情報がない"),
    condition=Text(
        en=("CREATE INDEX on an expression of a table that was there before, without ANALYZE afterwards"),
        ja="既存テーブルに式インデックスを作成し、その後 ANALYZE がない場合",
    ),
    harm=Text(
        en="The planner guesses how many rows the expression gives and may not use the index.",
        ja="式の選択率が推測になり、プランナがインデックスを使わないことがあります。",
    ),
    fact="pg_stats has no rows for it until ANALYZE, measured on 15 and 18",
    safer=Text(en="ANALYZE of the table as the next statement.", ja="次の文でテーブルを ANALYZE します。"),
    level=Level.INFO,
)
KINDS = ("index_stmt existing",)

_MESSAGE = Text(
    en="The planner has no statistics for the expression of {name} until {table} is analysed.",
    ja="{table} を ANALYZE するまで、{name} の式の統計情報はありません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node, table = situation.node, situation.target
    expressions = any(part.index_elem.HasField("expr") for part in node.index_params)
    if not expressions or not situation.old(table) or situation.world.is_empty(table) or _analysed(situation, table):
        return
    message = _MESSAGE(name=node.idxname or table.name, table=table)
    yield situation.hazard(CARD, Level.INFO, table, message, safer=composed("ANALYZE {table};", table=table))


def _analysed(situation: Situation, table: Name) -> bool:
    for node in later(situation, "vacuum_stmt"):
        relations = [item.vacuum_relation.relation for item in node.rels]
        if not relations or table in [situation.name(relation) for relation in relations]:
            return True
    return False
