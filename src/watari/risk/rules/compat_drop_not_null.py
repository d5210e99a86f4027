"""Readers that count on a value meet NULL."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of

CARD = Card(
    id="compat-drop-not-null",
    title=Text(en="A column may be NULL from now on", ja="カラムが NULL を許すようになる"),
    condition=Text(
        en="DROP NOT NULL of a column that was there before", ja="既存カラムの DROP NOT NULL を実行する場合"
    ),
    harm=Text(
        en="Code that reads the column and does not expect NULL fails when the first one comes.",
        ja="NULL を想定していないコードは、最初の NULL を読んだ時点で失敗します。",
    ),
    fact="pg_attribute.attnotnull",
    safer=Text(en="First the release that can read NULL.", ja="NULL を扱えるリリースを先に配備します。"),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt AT_DropNotNull",)

_MESSAGE = Text(
    en="{column} of {table} may be NULL from here on; every release that reads it has to know.",
    ja="以後 {table} の {column} は NULL になりえます。読み取るリリースの対応が必要です。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = situation.target
    for command in situation.commands("AT_DropNotNull"):
        column = column_of(situation.world, table, command.name)
        if situation.old(table) and (column is None or column.not_null):
            message = _MESSAGE(column=command.name, table=table)
            yield situation.hazard(CARD, Level.INFO, f"{table}.{command.name}", message)
