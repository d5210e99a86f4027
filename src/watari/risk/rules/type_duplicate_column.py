"""A column that is there already, or is named twice: the server refuses."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of
from watari.sql.grammar import kept

CARD = Card(
    id="type-duplicate-column",
    title=Text(en="A column of that name is there already", ja="同名のカラムが既にある"),
    condition=Text(
        en="ADD COLUMN of a column that the table has, or CREATE TABLE with a column twice",
        ja="既存カラムの ADD COLUMN、または CREATE TABLE 内での同名カラムの重複の場合",
    ),
    harm=Text(
        en="The server refuses (42701) and the migration stops there.",
        ja="サーバーがエラー（42701）を返し、マイグレーションはそこで止まります。",
    ),
    fact="42701, measured on 15 and 18",
    safer=Text(en="Take the second one out.", ja="重複する方を削除します。"),
    level=Level.BLOCK,
)
KINDS = ("create_stmt", "alter_table_stmt AT_AddColumn")

_MESSAGE = Text(
    en="{table} has {column} already: the server refuses a second one (42701).",
    ja="{table} には既に {column} があるため、サーバーに拒否されます（42701）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = situation.target
    if situation.kind == "create_stmt":
        names = [
            part.column_def.colname for part in situation.node.table_elts if part.WhichOneof("node") == "column_def"
        ]
        twice = sorted({name for name in names if names.count(name) > 1})
    else:
        added = [command for command in situation.commands("AT_AddColumn") if not command.missing_ok]
        gone = {command.name for command in situation.commands("AT_DropColumn")}
        names = [kept(command).colname for command in added]
        there = [name for name in names if column_of(situation.world, table, name) is not None and name not in gone]
        twice = sorted({*there, *(name for name in names if names.count(name) > 1)})
    for name in twice:
        yield situation.hazard(CARD, Level.BLOCK, f"{table}.{name}", _MESSAGE(column=name, table=table))
