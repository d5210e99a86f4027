"""A column goes and one of the same type comes: probably it was renamed."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of, commands_in, earlier, later
from watari.sql.compose import composed
from watari.sql.grammar import kept, type_ref

CARD = Card(
    id="destroy-rename-as-drop",
    title=Text(en="A drop and an add that look like a rename", ja="名前変更とみられる DROP と ADD"),
    condition=Text(
        en="one migration drops a column and adds one of the same type to the same table",
        ja="1 つのマイグレーションで、同じテーブルに同じ型のカラムを DROP・ADD している場合",
    ),
    harm=Text(
        en=(
            "If it was meant as a rename, all values are lost: tools that compare schemas cannot tell "
            "one from the other."
        ),
        ja="名前変更のつもりなら値がすべて失われます。スキーマ差分ツールは両者を区別できません。",
    ),
    fact="type of the live column; generated migrations of several frameworks do so",
    safer=Text(
        en="ALTER TABLE … RENAME COLUMN, if it is one.", ja="名前変更であれば ALTER TABLE … RENAME COLUMN を使います。"
    ),
)
KINDS = ("alter_table_stmt AT_DropColumn",)

_MESSAGE = Text(
    en=("{column} of {table} goes and {added} comes, both {type}: as a rename the values would stay."),
    ja=("{table} の {column} を削除し、同じ {type} の {added} を追加しています。名前変更なら値は残ります。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a dropped column."""
    table = situation.target
    for command in situation.commands("AT_DropColumn"):
        column = column_of(situation.world, table, command.name)
        if column is None or not situation.old(table) or situation.world.is_empty(table):
            continue
        for name in _added(situation, table, column.type):
            safer = composed(
                "ALTER TABLE {table} RENAME COLUMN {old} TO {new};", table=table, old=column.name, new=name
            )
            message = _MESSAGE(column=column.name, added=name, type=column.type, table=table)
            yield situation.hazard(CARD, Level.WARN, f"{table}.{column.name}", message, safer=safer)
            break


def _added(situation: Situation, table: Name, type_name: str) -> Iterator[str]:
    nodes = (*earlier(situation, "alter_table_stmt"), situation.node, *later(situation, "alter_table_stmt"))
    for node in nodes:
        for command in commands_in(node, "AT_AddColumn"):
            definition = kept(command)
            if str(type_ref(definition.type_name)) == type_name and situation.name(node.relation) == table:
                yield definition.colname
