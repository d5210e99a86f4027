"""One moment of a database, held open: everything a manifest says of the data is asked in the dump's own snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import IsolationLevel, sql

from watari.backup import properties
from watari.backup.questions import record, rows, value
from watari.catalog import Catalog, Name
from watari.postgres.reader import read_catalog
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What the server says at the snapshot `id`. `tables` gives bytes (heap and TOAST) by table, largest first."""

    id: str
    lsn: str | None
    role: str
    system_identifier: str | None
    tables: Mapping[Name, int]
    sequences: Mapping[str, int]
    extensions: tuple[str, ...]
    roles: tuple[str, ...]
    large_objects: int
    locale: Mapping[str, str]
    settings: tuple[str, ...]
    catalog: Catalog

    @property
    def table_bytes(self) -> int:
        """All tables together."""
        return sum(self.tables.values())


@contextmanager
def hold(connection: psycopg.Connection) -> Iterator[Moment]:
    """A REPEATABLE READ, READ ONLY transaction whose snapshot is exported until the block ends."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        yield _moment(connection)


def count_rows(connection: psycopg.Connection, tables: Mapping[Name, int]) -> dict[str, int]:
    """The exact number of rows of each table, as the connection's transaction sees them."""
    return {str(table): _count(connection, table) for table in tables}


def tables_of(connection: psycopg.Connection) -> dict[Name, int]:
    """The tables whose rows a dump holds, with their bytes, largest first."""
    return {Name(schema, name): int(size) for schema, name, size in rows(connection, "tables")}


def sequences_of(connection: psycopg.Connection) -> dict[str, int]:
    """The last value of each sequence that has been used."""
    found = rows(connection, "sequences")
    return {str(Name(schema, name)): int(last) for schema, name, last in found if last is not None}


def system_identifier(connection: psycopg.Connection) -> str | None:
    """Which server this is; None where the role may not ask."""
    found = value(connection, "system_identifier")
    return str(found) if found is not None else None


def _moment(connection: psycopg.Connection) -> Moment:
    found = record(connection, "moment") or {}
    database = connection.info.dbname
    return Moment(
        id=found["snapshot"],
        lsn=found["lsn"],
        role=found["role"],
        large_objects=found["large_objects"],
        system_identifier=system_identifier(connection),
        tables=tables_of(connection),
        sequences=sequences_of(connection),
        extensions=tuple(f"{name} {version}" for name, version in rows(connection, "extensions")),
        roles=tuple(name for (name,) in rows(connection, "roles")),
        locale=properties.locale(connection, database),
        settings=properties.statements(connection, database),
        catalog=read_catalog(connection, live=False),
    )


def _count(connection: psycopg.Connection, table: Name) -> int:
    query = sql.SQL("select count(*) from only {}").format(sql.Identifier(table.schema, table.name))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
