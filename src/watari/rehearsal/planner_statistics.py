"""What the planner knows of a database, as a value: read at the source, laid in a copy that holds its rows, or none of them.

So the clone's plans are those of production, and nothing is computed again. PostgreSQL 18 takes statistics by a function
(documentation 9.28.13); before, a superuser of a throw-away server writes `pg_statistic` as ANALYZE would.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from watari.rehearsal.laid_columns import Compared, slots
from watari.rehearsal.queries import load
from watari.values import dataclass, replace

#: The first server that takes the statistics of a column by a function.
_BY_FUNCTION = 180000
_VALUES = (
    "most_common_vals",
    "most_common_freqs",
    "histogram_bounds",
    "most_common_elems",
    "most_common_elem_freqs",
    "elem_count_histogram",
    "range_length_histogram",
    "range_empty_frac",
    "range_bounds_histogram",
)


@dataclass(frozen=True, kw_only=True)
class RelationSize:
    """A table or index: the pages of its file, and pages, rows and pages visible to all as the planner has them."""

    schema: str
    name: str
    file_pages: int
    pages: int
    rows: float  # -1: never analysed
    visible: int
    holds_rows: bool  # False: an index, or a partitioned table
    of_columns: bool  # False: an index
    extended: bool  # CREATE STATISTICS was used on it: only ANALYZE makes what that holds

    @property
    def rows_now(self) -> float:
        """As the planner reckons: as dense as when it was analysed, as many pages as there are now."""
        return self.rows / self.pages * self.file_pages if self.pages and self.file_pages else self.rows


@dataclass(frozen=True, kw_only=True)
class PlannerStatistics:
    """Sizes of relations, and what is known of each column, in the words of `pg_stats`."""

    sizes: tuple[RelationSize, ...]
    columns: tuple[Mapping[str, Any], ...]
    page_bytes: int

    @property
    def to_analyse(self) -> tuple[RelationSize, ...]:
        """Those of which the source knows nothing, or something that cannot be carried."""
        known = {(column["schemaname"], column["tablename"]) for column in self.columns}
        tables = [each for each in self.sizes if each.holds_rows]
        return tuple(each for each in tables if each.extended or each.rows < 0 or (each.schema, each.name) not in known)

    def without_values_of(self, columns: Collection[str]) -> PlannerStatistics:
        """The same, but nothing of what these columns hold, in whichever relation: they are masked, and values are data.

        Expressions of indexes may be made of them, so theirs go as well.
        """
        if not columns:
            return self
        own = {(each.schema, each.name) for each in self.sizes if each.of_columns}
        kept = [column for column in self.columns if (column["schemaname"], column["tablename"]) in own]
        return replace(self, columns=tuple(_without_values(c) if c["attname"] in columns else c for c in kept))


def read_statistics(connection: psycopg.Connection) -> PlannerStatistics:
    """All that this user may see of them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(load("relation_sizes")).fetchall()
        columns = cursor.execute(load("column_statistics", connection.info.server_version)).fetchall()
    page_bytes = rows[0]["page_bytes"] if rows else 8192
    sizes = tuple(RelationSize(**{name: value for name, value in row.items() if name != "page_bytes"}) for row in rows)
    return PlannerStatistics(sizes=sizes, columns=tuple(columns), page_bytes=page_bytes)


def lay(statistics: PlannerStatistics, connection: psycopg.Connection) -> None:
    """Into the copy, by its superuser; what is not there is passed over. Sizes are those of the copy's own files.

    A relation of the copy may have fewer pages than the source's, which may be bloated: it has as many rows. What is known of
    ranges is not carried before 17, whose `pg_stats` does not show it.
    """
    lay_columns(statistics, connection)
    places = {(place.schema, place.name): place for place in file_places(connection)}
    for size in statistics.sizes:
        if size.rows < 0:
            continue
        place = places.get((size.schema, size.name))
        pages = place.pages if place else size.pages
        share = pages / size.file_pages if size.file_pages else 1.0
        lay_size(size, connection, pages=pages, rows=size.rows_now, visible=round(size.visible * share))


def lay_size(size: RelationSize, connection: psycopg.Connection, *, pages: int, rows: float, visible: int) -> None:
    """How large the planner takes one relation for."""
    values = {
        "schema": size.schema,
        "relation": size.name,
        "pages": pages,
        "rows": rows,
        "visible": max(min(visible, pages), 0),
    }
    connection.execute(load("lay_size"), values)


def lay_columns(statistics: PlannerStatistics, connection: psycopg.Connection) -> None:
    """What is known of the columns."""
    if connection.info.server_version >= _BY_FUNCTION:
        _lay_by_function(statistics.columns, connection)
    else:
        _lay_as_analyze(statistics.columns, connection)


@dataclass(frozen=True, kw_only=True)
class FilePlace:
    """Where a relation's pages are: the first file below the server's data directory, pages, and how many fill one file."""

    schema: str
    name: str
    path: str
    pages: int
    page_bytes: int
    pages_a_file: int


def file_places(connection: psycopg.Connection) -> tuple[FilePlace, ...]:
    """Those of all tables and indexes."""
    return tuple(
        FilePlace(schema=schema, name=name, path=path, pages=pages, page_bytes=page_bytes, pages_a_file=a_file)
        for schema, name, path, pages, page_bytes, a_file in connection.execute(load("file_places")).fetchall()
    )


def _lay_by_function(columns: Sequence[Mapping[str, Any]], connection: psycopg.Connection) -> None:
    there = _there(connection)
    question = load("lay_column", connection.info.server_version)
    with connection.cursor() as cursor, connection.transaction():
        cursor.executemany(question, [_named(each) for each in columns if _place(each) in there])


def _lay_as_analyze(columns: Sequence[Mapping[str, Any]], connection: psycopg.Connection) -> None:
    there = _there(connection)
    known = [each for each in columns if _place(each) in there]
    relations = sorted({there[_place(each)].relation for each in known})
    rows = [slots(each, there[_place(each)]) for each in known]
    with connection.cursor() as cursor, connection.transaction():
        cursor.execute(load("forget_columns"), [relations])
        cursor.executemany(load("lay_column"), rows)


def _without_values(column: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: None if name in _VALUES else value for name, value in column.items()}


def _place(column: Mapping[str, Any]) -> tuple[str, str, str]:
    return column["schemaname"], column["tablename"], column["attname"]


def _there(connection: psycopg.Connection) -> dict[tuple[str, str, str], Compared]:
    return {
        (schema, relation, column): Compared(
            relation=oid,
            column=number,
            type=type,
            collation=collation,
            equal=equal,
            less=less,
            element=element,
            element_equal=element_equal,
        )
        for schema, relation, column, oid, number, type, collation, equal, less, element, element_equal in (
            connection.execute(load("columns_compared")).fetchall()
        )
    }


def _named(column: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "schema": column["schemaname"],
        "relation": column["tablename"],
        "column": column["attname"],
        "inherited": column["inherited"],
        "null_frac": column["null_frac"],
        "avg_width": column["avg_width"],
        "n_distinct": column["n_distinct"],
        "common": column["most_common_vals"],
        "common_shares": column["most_common_freqs"],
        "bounds": column["histogram_bounds"],
        "correlation": column["correlation"],
        "elements": column["most_common_elems"],
        "element_shares": column["most_common_elem_freqs"],
        "element_counts": column["elem_count_histogram"],
        "range_lengths": column["range_length_histogram"],
        "range_empty": column["range_empty_frac"],
        "range_bounds": column["range_bounds_histogram"],
    }


def analyse(relations: Sequence[RelationSize], connection: psycopg.Connection) -> None:
    """Lets the server look itself."""
    for each in relations:
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier(each.schema, each.name)))
