"""The column becomes bigint and its sequence stays integer."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of, later
from watari.sql.compose import composed
from watari.sql.grammar import kept, type_ref, written

CARD = Card(
    id="type-sequence-left-int",
    title=Text(
        en="A bigint column whose sequence stays integer", ja="bigint にしたカラムのシーケンスが integer のまま"
    ),
    condition=Text(
        en="ALTER COLUMN TYPE bigint of a serial column, without ALTER SEQUENCE … AS bigint",
        ja="serial 列を ALTER COLUMN TYPE bigint にし、ALTER SEQUENCE … AS bigint がない場合",
    ),
    harm=Text(
        en=("nextval still stops at 2147483647: the widening was for nothing, and INSERTs fail there (2200H)."),
        ja=("nextval は 2147483647 で止まったままで、そこで INSERT が失敗します（2200H）。拡張した意味がありません。"),
    ),
    fact=(
        "measured on 15 and 18; concourse/concourse #6354, theforeman/foreman #10801; an identity "
        "sequence follows its column"
    ),
    safer=Text(
        en="ALTER SEQUENCE … AS bigint, in the same migration.",
        ja="同じマイグレーションで ALTER SEQUENCE … AS bigint を実行します。",
    ),
)
KINDS = ("alter_table_stmt AT_AlterColumnType",)

_MESSAGE = Text(
    en="{sequence} still stops at {most}, although {column} of {table} becomes bigint.",
    ja="{table} の {column} が bigint になっても、{sequence} は {most} で止まったままです。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a sequence."""
    table = situation.target
    again = {situation.world.resolve(written(node.sequence)) for node in later(situation, "alter_seq_stmt")}
    for command in situation.commands("AT_AlterColumnType"):
        column = column_of(situation.world, table, command.name)
        if type_ref(kept(command).type_name).name != "int8" or (column is not None and column.identity):
            continue
        for sequence in situation.world.sequences_of(table, command.name):
            if sequence.type != "bigint" and sequence.name not in again:
                safer = composed("ALTER SEQUENCE {name} AS bigint;", name=sequence.name)
                message = _MESSAGE(
                    sequence=sequence.name, most=f"{sequence.maximum:,}", column=command.name, table=table
                )
                yield situation.hazard(CARD, Level.WARN, sequence.name, message, safer=safer)
