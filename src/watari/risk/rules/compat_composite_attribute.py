"""An attribute of a composite type changes under the tables that hold it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import TableKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="compat-composite-attribute",
    title=Text(en="A composite type changes under its tables", ja="テーブルが使う複合型の属性が変わる"),
    condition=Text(
        en="ALTER TYPE … ADD or DROP ATTRIBUTE of a type that columns of tables have",
        ja="テーブルのカラムが使う複合型に ALTER TYPE … ADD / DROP ATTRIBUTE する場合",
    ),
    harm=Text(
        en=(
            "Old rows are read with the new shape at once; a dropped attribute is gone from all of "
            "them, and clients that decode the old shape fail."
        ),
        ja=(
            "既存の行も直ちに新しい形で読まれます。削除した属性はすべての行から消え、旧形式を前提とす"
            "るクライアントは失敗します。"
        ),
    ),
    fact=("accepted while a table uses the type, without a lock on that table, measured on 15 and 18"),
    safer=Text(
        en="A new type and a second column, filled in batches.",
        ja="新しい型と 2 つ目のカラムを作り、段階的に埋めます。",
    ),
)
KINDS = ("alter_table_stmt OBJECT_TYPE",)

_MESSAGE = Text(
    en="{column} of {table} holds {type}: its rows have the new shape at once.",
    ja="{table} の {column} は {type} 型のため、既存の行も直ちに新しい形になります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table that holds the type."""
    name = situation.target
    for table in situation.world.tables():
        columns = [c.name for c in table.columns if c.type.removesuffix("[]") in (str(name), name.name)]
        if columns and table.kind is not TableKind.VIEW and situation.old(table.name):
            message = _MESSAGE(type=name, column=", ".join(columns), table=table.name)
            facts = situation.size_facts(table.name)
            yield situation.hazard(CARD, Level.WARN, table.name, message, facts=facts)
