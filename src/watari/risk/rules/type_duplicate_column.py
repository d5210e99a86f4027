"""A column that is there already, or is named twice: the server refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of
from watari.sql.grammar import kept

CARD = Card(
    id="type-duplicate-column",
    title=Text(en="A column of that name is there already", ja="同名のカラムが既にある"),
    condition=Text(
        en="ADD COLUMN of a column that the table has, or CREATE TABLE, INSERT or UPDATE with a column twice",
        ja="既存カラムの ADD COLUMN、または CREATE TABLE・INSERT・UPDATE 内での同名カラムの重複の場合",
    ),
    harm=Text(
        en="The server refuses (42701, an UPDATE 42601) and the migration stops there.",
        ja="サーバーがエラー（42701、UPDATE では 42601）を返し、マイグレーションはそこで止まります。",
    ),
    fact="42701 and 42601, measured on 15 and 18",
    safer=Text(en="Take the second one out.", ja="重複する方を削除します。"),
    level=Level.BLOCK,
)
KINDS = ("create_stmt", "alter_table_stmt AT_AddColumn", "insert_stmt", "update_stmt")

_MESSAGE = Text(
    en="{table} has {column} already: the server refuses a second one (42701).",
    ja="{table} には既に {column} があるため、サーバーに拒否されます（42701）。",
)
_TWICE = Text(
    en="{column} of {table} is given a value twice: the server refuses.",
    ja="{table} の {column} に値が 2 回指定されているため、サーバーに拒否されます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table, message = situation.target, _MESSAGE
    if situation.kind in ("insert_stmt", "update_stmt"):
        twice, message = _assigned_twice(situation.node), _TWICE
    elif situation.kind == "create_stmt":
        twice = _repeated(
            part.column_def.colname for part in situation.node.table_elts if part.WhichOneof("node") == "column_def"
        )
    else:
        added = [command for command in situation.commands("AT_AddColumn") if not command.missing_ok]
        gone = {command.name for command in situation.commands("AT_DropColumn")}
        names = [kept(command).colname for command in added]
        there = [name for name in names if column_of(situation.world, table, name) is not None and name not in gone]
        twice = sorted({*there, *_repeated(names)})
    for name in twice:
        yield situation.hazard(CARD, Level.BLOCK, f"{table}.{name}", message(column=name, table=table))


def _repeated(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _assigned_twice(node: Any) -> list[str]:
    """Whole columns that an INSERT or UPDATE assigns twice; two elements of one array are two places."""
    targets = node.cols if node.DESCRIPTOR.name == "InsertStmt" else node.target_list
    return _repeated(target.res_target.name for target in targets if not target.res_target.indirection)
