"""A key that is about to run out of numbers."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of
from watari.sql.grammar import kept

CARD = Card(
    id="type-int-exhaustion",
    title=Text(en="A key runs out of numbers", ja="キーの番号が尽きかけている"),
    condition=Text(
        en=("ALTER TABLE of, or INSERT into, a table whose sequence has used more than 70 % of its numbers"),
        ja="シーケンスが番号の 70% 以上を使ったテーブルへの ALTER TABLE・INSERT の場合",
    ),
    harm=Text(
        en=("When it ends, every INSERT fails (2200H, or 22003 of the column), until the table is rewritten."),
        ja=("尽きるとすべての INSERT が失敗し（2200H、カラム側は 22003）、テーブルの書き直しまで続きます。"),
    ),
    fact="last_value and maximum of the live sequence",
    safer=Text(
        en=(
            "A second column of type bigint, kept equal by a trigger, filled in batches, and an "
            "exchange of names, in good time."
        ),
        ja="早めに bigint のカラムを追加し、トリガーで同期しながら段階的に埋めて入れ替えます。",
    ),
)
KINDS = ("alter_table_stmt", "insert_stmt")

_MESSAGE = Text(
    en="{column} of {table} has used {share} of its numbers; {left} are left, then INSERTs fail.",
    ja=("{table} の {column} は番号の {share} を使用済みで、残り {left} です。尽きると INSERT が失敗します。"),
)


#: The share of the numbers from which on it is told.
_SHARE = 0.7
_MOST = {"smallint": 2**15 - 1, "integer": 2**31 - 1}


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a sequence."""
    table = situation.target
    for sequence in situation.world.sequences_of(table) if situation.old(table) else ():
        column = column_of(situation.world, table, (sequence.owned_by or "").rpartition(".")[2].strip('"'))
        if sequence.last_value is None or column is None or sequence.cycle:
            continue
        most = min(sequence.maximum, _MOST.get(column.type, sequence.maximum))
        share = sequence.last_value / most if most > 0 else 0
        widened = any(
            kept(command).type_name.names[-1].string.sval == "int8"
            for command in situation.commands("AT_AlterColumnType")
        )
        if share >= _SHARE and not widened:
            facts = {"last_value": sequence.last_value, "maximum": most}
            message = _MESSAGE(
                column=column.name, table=table, share=f"{share:.0%}", left=f"{most - sequence.last_value:,}"
            )
            yield situation.hazard(CARD, Level.WARN, f"{table}.{column.name}", message, facts=facts)
