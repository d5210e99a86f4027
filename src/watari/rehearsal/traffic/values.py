"""Values for parameters, out of the clone's own rows; new ones where an INSERT must bring something unique."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Callable, Mapping, Sequence

import psycopg
from psycopg import sql

from watari.catalog import Catalog, Name, Table, TableKind
from watari.rehearsal.traffic.parameters import Against, Asked

_POOL = 300
_SEED = 4711
# above what a shop's own numbers reach, and below the largest integer
_FIRST_NEW = 1_500_000_000

#: One value as text.
Draw = Callable[[], str]


class Values:
    """Draws values for statements of one database; reads each column's sample once."""

    def __init__(self, connection: psycopg.Connection, catalog: Catalog) -> None:
        self._connection = connection
        self._catalog = catalog
        self._pools: dict[tuple[Name, str], Sequence[str]] = {}
        self._chance = random.Random(_SEED)
        self._numbers = itertools.count(_FIRST_NEW)

    def draws(self, statement: Asked) -> tuple[Draw, ...]:
        """One draw a parameter, in order."""
        tables = [table for written in statement.relations if (table := self._table(written.schema, written.name))]
        return tuple(self._draw(against, tables) for against in statement.parameters)

    def _table(self, schema: str | None, name: str) -> Table | None:
        fitting = [t for n, t in self._catalog.tables.items() if n.name == name and schema in (None, n.schema)]
        return fitting[0] if fitting else None

    def _draw(self, against: Against, tables: Sequence[Table]) -> Draw:
        for table in tables:
            column = table.column(against.column) if against.column else None
            if column is None:
                continue
            if against.new and self._is_unique(table.name, column.name):
                return self._new(column.type)
            if pool := self._pool(table, column.name):
                return lambda: self._chance.choice(pool)
        return lambda: "10"  # a limit, an offset, a number of days: small, and what most of them take

    def _is_unique(self, table: Name, column: str) -> bool:
        return any(index.unique and column in index.columns for index in self._catalog.indexes_of(table))

    def _new(self, type: str) -> Draw:
        if type == "uuid":
            return lambda: str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        if type in ("integer", "bigint", "numeric"):
            return lambda: str(next(self._numbers))
        return lambda: f"watari{next(self._numbers)}"

    def _pool(self, table: Table, column: str) -> Sequence[str]:
        key = (table.name, column)
        if key not in self._pools:
            self._pools[key] = self._read(table, column)
        return self._pools[key]

    def _read(self, table: Table, column: str) -> Sequence[str]:
        share = min(100.0, max(0.01, 100.0 * 2 * _POOL / (table.rows or 1)))
        sampled = table.kind in (TableKind.TABLE, TableKind.PARTITIONED, TableKind.MATERIALIZED_VIEW)
        clause = sql.SQL(" tablesample system ({})").format(share) if sampled and share < 100 else sql.SQL("")
        query = sql.SQL("select {0}::text from {1}{2} where {0} is not null limit {3}").format(
            sql.Identifier(column), sql.Identifier(table.name.schema, table.name.name), clause, _POOL
        )
        try:
            return [value for (value,) in self._connection.execute(query).fetchall()]
        except psycopg.Error:
            return []


def filled(draws: Sequence[Draw]) -> list[bytes]:
    """Values for one execution, as text on the wire."""
    return [draw().encode() for draw in draws]


def by_weight(weights: Mapping[int, int]) -> Callable[[random.Random], int]:
    """Draws a key as often as its weight says."""
    keys, sums = list(weights), list(itertools.accumulate(max(1, weight) for weight in weights.values()))
    return lambda chance: chance.choices(keys, cum_weights=sums)[0]
