"""Another default: programs that remember the old one go on writing it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of

CARD = Card(
    id="compat-default-changed",
    title=Text(en="The default of a column changes", ja="カラムのデフォルト値が変わる"),
    condition=Text(
        en="SET DEFAULT of a column that has another default",
        ja="別のデフォルト値を持つカラムの SET DEFAULT を実行する場合",
    ),
    harm=Text(
        en=("Programs that read defaults once, as some ORMs do, write the old one until they are restarted."),
        ja="デフォルト値を起動時に読む ORM などは、再起動するまで旧値を書き続けます。",
    ),
    fact="documentation of Active Record, partial inserts; pg_attrdef of the live column",
    safer=Text(
        en="Restart the application after it, or write the column in every INSERT.",
        ja="実行後にアプリケーションを再起動するか、INSERT で必ず値を指定します。",
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt AT_ColumnDefault",)

_MESSAGE = Text(
    en=("{column} of {table} had the default {default}; programs that remember it write it until they are restarted."),
    ja=(
        "{table} の {column} のデフォルト値は {default} でした。これを記憶しているプログラムは再起"
        "動まで旧値を書きます。"
    ),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = situation.target
    for command in situation.commands("AT_ColumnDefault"):
        column = column_of(situation.world, table, command.name)
        if command.HasField("def") and situation.old(table) and column is not None and column.default:
            message = _MESSAGE(column=command.name, table=table, default=column.default)
            yield situation.hazard(CARD, Level.INFO, f"{table}.{command.name}", message)
