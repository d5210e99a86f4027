"""The files that hold a table's rows: the table itself, its partitions, its children."""

from __future__ import annotations

import psycopg
from psycopg import sql

from watari.execution.queries import load
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One file of rows, as long as it was when the backfill (or its resumption) began."""

    oid: int
    schema: str
    name: str
    pages: int
    rows_per_page: float

    @property
    def identifier(self) -> sql.Identifier:
        """Its name as SQL."""
        return sql.Identifier(self.schema, self.name)


def relations_of(connection: psycopg.Connection, table: str) -> tuple[Relation, ...]:
    """Every file of `table` (as `str(Name)`), in an order that stays the same."""
    return tuple(
        Relation(oid=oid, schema=schema, name=name, pages=pages, rows_per_page=rows / measured if measured else 100.0)
        for oid, schema, name, pages, rows, measured in connection.execute(load("backfill_relations"), [table])
    )
