"""A partitioned table is as large as its partitions together."""

from __future__ import annotations

from collections import defaultdict

from watari.catalog import Name, Table, TableKind
from watari.values import replace


def with_partitions(tables: dict[Name, Table]) -> dict[Name, Table]:
    """The tables, each partitioned one with the rows, sizes and counters of everything below it."""
    children: dict[Name, list[Name]] = defaultdict(list)
    for table in tables.values():
        for parent in table.parents:
            children[parent].append(table.name)
    return {
        name: _summed(table, [tables[leaf] for leaf in _leaves(name, children)])
        if table.kind is TableKind.PARTITIONED
        else table
        for name, table in tables.items()
    }


def _leaves(name: Name, children: dict[Name, list[Name]]) -> list[Name]:
    """The relations below that have none below themselves."""
    found = []
    for child in children.get(name, ()):
        found += _leaves(child, children) or [child]
    return found


def _summed(table: Table, leaves: list[Table]) -> Table:
    rows = [leaf.rows for leaf in leaves]
    return replace(
        table,
        rows=None if None in rows else sum(row for row in rows if row is not None),
        bytes=sum(leaf.bytes for leaf in leaves),
        index_bytes=sum(leaf.index_bytes for leaf in leaves),
        pages=sum(leaf.pages for leaf in leaves),
        sequential_scans=sum(leaf.sequential_scans for leaf in leaves),
        index_scans=sum(leaf.index_scans for leaf in leaves),
        rows_written=sum(leaf.rows_written for leaf in leaves),
    )
