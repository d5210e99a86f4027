"""A type change deletes what the planner knows of the column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import later, table_of
from watari.sql.compose import composed

CARD = Card(
    id="rewrite-statistics-lost",
    title=Text(en="A type change loses the statistics of the column", ja="型変更でカラムの統計情報が失われる"),
    condition=Text(
        en="ALTER COLUMN TYPE, also a free one, without ANALYZE afterwards",
        ja="ALTER COLUMN TYPE（書き直しのないものを含む）の後に ANALYZE がない場合",
    ),
    harm=Text(
        en="The planner guesses until ANALYZE: queries with the column may choose bad plans.",
        ja=("ANALYZE までプランナは推測で動き、このカラムを使うクエリが悪いプランを選ぶことがあります。"),
    ),
    fact="pg_statistic row deleted, also for varchar(20) → varchar(50), measured on 15 and 18",
    safer=Text(
        en="ANALYZE table (column) as the next statement.", ja="次の文で ANALYZE テーブル (カラム) を実行します。"
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt AT_AlterColumnType",)

_MESSAGE = Text(
    en="The planner knows nothing of {column} of {table} until it is analysed again.",
    ja="再び ANALYZE するまで、{table} の {column} の統計情報はありません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = table_of(situation, situation.target)
    if (
        not situation.world.known
        or table is None
        or situation.world.is_empty(table.name)
        or not situation.is_large(table)
    ):
        return
    if any(_analyses(situation, node, table.name) for node in later(situation, "vacuum_stmt")):
        return
    for command in situation.commands("AT_AlterColumnType"):
        safer = composed("ANALYZE {table} ({column});", table=table.name, column=command.name)
        message = _MESSAGE(column=command.name, table=table.name)
        yield situation.hazard(CARD, Level.INFO, f"{table.name}.{command.name}", message, safer=safer)


def _analyses(situation: Situation, node: Any, table: Name) -> bool:
    relations = [item.vacuum_relation.relation for item in node.rels]
    return not relations or table in [situation.name(relation) for relation in relations]
