"""Forms that partitioned tables refuse."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name, TableKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints, dropped
from watari.sql.grammar import choice

CARD = Card(
    id="part-unsupported",
    title=Text(en="Partitioned tables refuse this form", ja="パーティション親テーブルでは使えない"),
    condition=Text(
        en=(
            "CREATE or DROP INDEX CONCURRENTLY, a constraint USING INDEX, a unique key without the "
            "partition key, before 18 a foreign key NOT VALID, on a partitioned table"
        ),
        ja=(
            "親テーブルでの CREATE・DROP INDEX CONCURRENTLY、USING INDEX の制約、パーティションキーを"
            "含まない一意キー、17 以前の NOT VALID 外部キーの場合"
        ),
    ),
    harm=Text(
        en="The server refuses (0A000, 42809) and the migration stops there.",
        ja="サーバーがエラー（0A000、42809）を返し、マイグレーションはそこで止まります。",
    ),
    fact="0A000 and 42809, measured on 15 and 18",
    safer=Text(
        en=(
            "Index: CREATE INDEX ON ONLY the parent, CONCURRENTLY on each partition, then ATTACH "
            "PARTITION; key: on each partition first."
        ),
        ja=(
            "インデックスは CREATE INDEX ON ONLY 親、各パーティションで CONCURRENTLY、最後に ATTACH P"
            "ARTITION。キーは先に各パーティションへ追加します。"
        ),
    ),
    level=Level.BLOCK,
)
KINDS = ("index_stmt", "drop_stmt OBJECT_INDEX", "alter_table_stmt AT_AddConstraint")

_MESSAGE = Text(
    en="{table} is partitioned: the server refuses {form} ({code}).",
    ja="{table} はパーティション化されているため、{form} は拒否されます（{code}）。",
)


_SINCE = 18  # NOT VALID foreign keys from partitioned tables


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard a statement."""
    found = _of_drop(situation) if situation.kind == "drop_stmt" else _of_table(situation)
    for name, form, code in found:
        yield situation.hazard(CARD, Level.BLOCK, name, _MESSAGE(table=name, form=form, code=code))
        return


def _of_drop(situation: Situation) -> Iterator[tuple[Name, str, str]]:
    for name in dropped(situation, "OBJECT_INDEX") if situation.node.concurrent else ():
        index = situation.world.index(name)
        table = situation.world.table(index.table) if index else None
        if table is not None and table.kind is TableKind.PARTITIONED:
            yield name, "DROP INDEX CONCURRENTLY", "0A000"


def _of_table(situation: Situation) -> Iterator[tuple[Name, str, str]]:
    table = situation.world.table(situation.target)
    if table is None or table.kind is not TableKind.PARTITIONED:
        return
    if situation.kind == "index_stmt":
        if situation.node.concurrent:
            yield table.name, "CREATE INDEX CONCURRENTLY", "0A000"
        return
    for constraint in added_constraints(situation, "CONSTR_FOREIGN", "CONSTR_UNIQUE", "CONSTR_PRIMARY"):
        foreign = choice(constraint, "contype") == "CONSTR_FOREIGN"
        if constraint.indexname:
            yield table.name, "USING INDEX", "0A000"
        elif foreign and constraint.skip_validation and situation.world.major < _SINCE:
            yield table.name, "FOREIGN KEY … NOT VALID", "42809"
