"""GENERATED ALWAYS: INSERTs that bring their own key fail."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of
from watari.sql.grammar import kept

CARD = Card(
    id="compat-identity-always",
    title=Text(en="Keys that the application brings are refused", ja="アプリケーションが指定するキーが拒否される"),
    condition=Text(
        en="SET GENERATED ALWAYS of an identity column that was BY DEFAULT",
        ja="BY DEFAULT の IDENTITY 列に SET GENERATED ALWAYS を実行する場合",
    ),
    harm=Text(
        en=("INSERTs with a value for the column fail with 428C9; imports and copies usually have one."),
        ja=("値を指定した INSERT は 428C9 で失敗します。データ移行やコピーでは値を指定するのが普通です。"),
    ),
    fact="428C9, measured on 15 and 18",
    safer=Text(
        en="Stay with BY DEFAULT until nobody brings keys.",
        ja="キーを指定する処理がなくなるまで BY DEFAULT のままにします。",
    ),
)
KINDS = ("alter_table_stmt AT_SetIdentity",)

_MESSAGE = Text(
    en="INSERTs into {table} that bring a value for {column} fail from here on (428C9).",
    ja="以後、{table} の {column} に値を指定した INSERT は失敗します（428C9）。",
)


#: The letter of ALWAYS in the grammar.
_ALWAYS = ord("a")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = situation.target
    for command in situation.commands("AT_SetIdentity"):
        column = column_of(situation.world, table, command.name)
        always = any(
            item.def_elem.defname == "generated" and item.def_elem.arg.integer.ival == _ALWAYS
            for item in kept(command).items
        )
        if always and situation.old(table) and (column is None or column.identity == "d"):
            message = _MESSAGE(column=command.name, table=table)
            yield situation.hazard(CARD, Level.WARN, f"{table}.{command.name}", message)
