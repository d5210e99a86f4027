"""How far sequences have counted, beside what their columns hold."""

from __future__ import annotations

import psycopg
from psycopg import sql

from watari.catalog import Catalog, Sequence, Table, quoted
from watari.evidence.observation import SequencePosition
from watari.locale import Message, Text
from watari.postgres.asking import Asking
from watari.postgres.counting import SMALL

_INTEGERS = ("smallint", "integer", "bigint")

NO_INDEX = Text(
    en="no index leads with the column, and the table is large",
    ja="先頭がそのカラムのインデックスがなく、テーブルが大きいため確認していません",
)


def sequence_positions(
    connection: psycopg.Connection, catalog: Catalog, *, seconds: float = 30.0
) -> tuple[SequencePosition, ...]:
    """Each sequence that fills a column of whole numbers, beside the furthest value that the column holds."""
    columns = {
        f"{table.name}.{quoted(column.name)}": (table, column.name)
        for table in catalog.tables.values()
        for column in table.columns
        if column.type in _INTEGERS
    }
    with Asking(connection, seconds) as asking:
        return tuple(
            _position(asking, sequence, *owner, catalog)
            for sequence in catalog.sequences.values()
            if sequence.owned_by and (owner := columns.get(sequence.owned_by))
        )


def _position(asking: Asking, sequence: Sequence, table: Table, column: str, catalog: Catalog) -> SequencePosition:
    following, furthest = None, None
    why = asking.unreadable([table.name]) or _unindexed(table, column, catalog)
    if why is None:
        rows, why = asking.rows(_query(sequence, table, column))
        if why is None:
            last, called, furthest = rows[0]
            following = last + sequence.increment if called else last
    return SequencePosition(
        sequence=str(sequence.name),
        column=sequence.owned_by or "",
        following=following,
        furthest=furthest,
        ascending=sequence.increment > 0,
        why=why,
    )


def _unindexed(table: Table, column: str, catalog: Catalog) -> Message | None:
    leads = any(i.columns[:1] == (column,) and i.valid and not i.predicate for i in catalog.indexes_of(table.name))
    return None if leads or (table.rows is not None and table.rows <= SMALL) else NO_INDEX()


def _query(sequence: Sequence, table: Table, column: str) -> sql.Composed:
    # pg_sequence_last_value() says nothing of a sequence that was restarted and not asked since
    template = sql.SQL("select s.last_value, s.is_called, (select {furthest}({column}) from {table}) from {sequence} s")
    return template.format(
        sequence=sql.Identifier(sequence.name.schema, sequence.name.name),
        furthest=sql.SQL("pg_catalog.max" if sequence.increment > 0 else "pg_catalog.min"),
        column=sql.Identifier(column),
        table=sql.Identifier(table.name.schema, table.name.name),
    )
