"""A type change, even a free one, breaks statements that sessions have prepared."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of
from watari.sql.grammar import kept, type_ref

CARD = Card(
    id="compat-cached-plan",
    title=Text(en="A type change breaks prepared statements", ja="型変更でプリペアド文が壊れる"),
    condition=Text(
        en="ALTER COLUMN TYPE of a column that was there before, without a rewrite of the table",
        ja="テーブルの書き直しを伴わない既存カラムの ALTER COLUMN TYPE の場合",
    ),
    harm=Text(
        en=(
            "Prepared statements that return the column fail once in each session with 0A000 (cached "
            "plan must not change result type), and their transaction is lost."
        ),
        ja=(
            "このカラムを返すプリペアド文は、セッションごとに一度 0A000（cached plan must not change "
            "result type）で失敗し、トランザクションが失われます。"
        ),
    ),
    fact=(
        "0A000 also for varchar(20) → varchar(50), measured on 15 and 18; pgjdbc/r2dbc-postgresql "
        "#382, npgsql/npgsql #4015"
    ),
    safer=Text(
        en=(
            "Reset the pools right after the step (DISCARD ALL, restart), or let the driver try "
            "again; TEXT with a CHECK needs no such change."
        ),
        ja=(
            "実行直後に接続プールを初期化（DISCARD ALL や再起動）するか、ドライバーに再試行させます。"
            "TEXT と CHECK なら型変更は不要です。"
        ),
    ),
)
KINDS = ("alter_table_stmt AT_AlterColumnType",)

_MESSAGE = Text(
    en=(
        "Sessions that prepared a statement returning {column} of {table} fail once each (0A000) "
        "and lose their transaction."
    ),
    ja=(
        "{table} の {column} を返す文をプリペア済みのセッションは、それぞれ一度失敗し（0A000）、ト"
        "ランザクションが失われます。"
    ),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column; where the table is written anew, that is said alone."""
    if any(cause.waits for cause in situation.causes):
        return
    table = situation.target
    for command in situation.commands("AT_AlterColumnType"):
        column = column_of(situation.world, table, command.name)
        new = str(type_ref(kept(command).type_name))
        if not situation.old(table) or (column is not None and column.type == new):
            continue
        if situation.world.known and (column is None or situation.world.is_empty(table)):
            continue
        message = _MESSAGE(column=command.name, table=table)
        level = situation.level_of(table)
        yield situation.hazard(CARD, level, f"{table}.{command.name}", message, facts=situation.size_facts(table))
