"""How many rows the tables have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import psycopg
from psycopg import sql

from watari.catalog import Catalog, Table, TableKind
from watari.evidence.observation import RowCount
from watari.postgres.asking import Asking

#: Up to so many estimated rows a table is counted without being asked for.
SMALL = 100_000
#: A table that was never analysed is small up to this size.
SMALL_BYTES = 16 * 1024 * 1024

_TOGETHER = 40


def count_rows(
    connection: psycopg.Connection, catalog: Catalog, *, exact: Collection[str] = (), seconds: float = 30.0
) -> dict[str, RowCount]:
    """The rows of every table: counted where it is small or named in `exact` (`str(Name)`), else the server's estimate.

    A partitioned table has the rows of its partitions together; each count may take `seconds`.
    """
    tables = [table for table in catalog.tables.values() if table.kind is TableKind.TABLE]
    found = {str(table.name): RowCount(rows=table.rows, exact=False) for table in tables}
    together: list[Table] = []
    alone: list[Table] = []
    with Asking(connection, seconds) as asking:
        for table in tables:
            name = str(table.name)
            if not _small(table) and name not in exact:
                continue
            if why := asking.unreadable([table.name]):
                found[name] = RowCount(rows=table.rows, exact=False, why=why)
            else:
                (together if _small(table) else alone).append(table)
        for group in [*_groups(together), *([table] for table in alone)]:
            found |= _counted(asking, group)
    return found | dict(_partitioned(catalog, found))


def _small(table: Table) -> bool:
    return table.bytes <= SMALL_BYTES if table.rows is None else table.rows <= SMALL


def _groups(tables: Sequence[Table]) -> Iterator[Sequence[Table]]:
    for start in range(0, len(tables), _TOGETHER):
        yield tables[start : start + _TOGETHER]


def _counted(asking: Asking, tables: Sequence[Table]) -> dict[str, RowCount]:
    """Counted together in one statement; one by one where one of them cannot be."""
    one = sql.SQL("select {name}, pg_catalog.count(*) from only {table}")
    parts = [one.format(name=str(t.name), table=sql.Identifier(t.name.schema, t.name.name)) for t in tables]
    rows, why = asking.rows(sql.SQL(" union all ").join(parts))
    if why is None:
        return {name: RowCount(rows=count) for name, count in rows}
    if len(tables) == 1:
        return {str(tables[0].name): RowCount(rows=tables[0].rows, exact=False, why=why)}
    return {name: count for table in tables for name, count in _counted(asking, [table]).items()}


def _partitioned(catalog: Catalog, found: dict[str, RowCount]) -> Iterator[tuple[str, RowCount]]:
    for table in catalog.tables.values():
        if table.kind is TableKind.PARTITIONED:
            below = [found[str(leaf.name)] for leaf in _leaves(catalog, table) if str(leaf.name) in found]
            known = [count.rows for count in below if count.rows is not None]
            total = sum(known) if len(known) == len(below) else None
            yield str(table.name), RowCount(rows=total, exact=all(count.exact for count in below))


def _leaves(catalog: Catalog, table: Table) -> Iterator[Table]:
    for child in catalog.partitions_of(table.name):
        if child.kind is TableKind.PARTITIONED:
            yield from _leaves(catalog, child)
        else:
            yield child
