"""The catalog of one database, read in one snapshot and four round trips; rows become values in `assembly`.

Types, defaults, definitions and constraints come out as the server writes them with `search_path` set to `pg_catalog`
alone, so that every name of a user's object in them is qualified, whoever reads: `public.status`,
`nextval('public.orders_id_seq'::regclass)`.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from watari.catalog import Catalog
from watari.errors.reach import RelationBusy
from watari.postgres.assembly import Rows, assemble
from watari.postgres.connection import reach_error, server_version
from watari.postgres.queries import load

__all__ = ["read_catalog"]

_SCHEMA = (
    "catalog_schemas",
    "catalog_tables",
    "catalog_columns",
    "catalog_indexes",
    "catalog_constraints",
    "catalog_triggers",
    "catalog_policies",
    "catalog_sequences",
    "catalog_routines",
    "catalog_types",
    "catalog_extensions",
    "catalog_view_sources",
    "catalog_others",
)
_MOMENT = ("catalog_column_statistics", "catalog_sessions")

#: Files that answer the same and faster, for a superuser.
_SUPERUSER = {"catalog_column_statistics": "catalog_column_statistics_superuser"}

_SNAPSHOT = sql.SQL("set transaction isolation level repeatable read, read only")

#: What a definition function says of an object that somebody dropped between its row and its definition.
_VANISHED = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedObject, psycopg.errors.InternalError)
_TRIES = 10


def read_catalog(connection: psycopg.Connection, *, leave_out: Collection[str] = (), live: bool = True) -> Catalog:
    """Everything that rules and planner may know of the connection's database.

    Left out: the server's own schemas, schema `watari`, temporary schemas, what belongs to an extension, what runs have
    kept, and the relations named in `leave_out` (`schema.table` as `str(Name)`), with all that hangs on them. Columns' statistics are
    there as far as the user may read them. Without `live`, sessions and columns' statistics are left out: enough to
    compare two catalogs.

    Outside a transaction the reading has one snapshot (REPEATABLE READ, READ ONLY); inside one it sees what the
    transaction sees, its own changes too. Nothing is left behind in the session. While somebody holds a relation
    exclusively, the server waits with its definition: after 5 seconds `RelationBusy` says who. Raises `PrivilegeMissing`
    or `ConnectionLost`.
    """
    with _collector_at_rest():
        for _ in range(_TRIES - 1):
            with suppress(*_VANISHED):
                return assemble(_read(connection, live), leave_out)
        return assemble(_read(connection, live), leave_out)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    # a reading makes a hundred thousand tuples that all stay; the collector would walk through them again and again
    resting = not gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not resting:
            gc.enable()


def _read(connection: psycopg.Connection, live: bool) -> Rows:
    names = _SCHEMA + (_MOMENT if live else ())
    version = server_version(connection)
    files = _SUPERUSER if connection.info.parameter_status("is_superuser") == "on" else {}
    first = [_SNAPSHOT] if connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE else []
    try:
        with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:
            names += ("kept",) if _keeps(cursor, first) else ()
            batch = [load(files.get(name, name), version) for name in ("catalog_database", "catalog_begin", *names)]
            cursor.execute(sql.SQL(";\n").join(batch))
            return _answers(cursor, names)
    except psycopg.errors.LockNotAvailable:
        from watari.postgres.activity import exclusive_holders

        raise RelationBusy(database=connection.info.dbname, reason=exclusive_holders(connection)) from None
    except psycopg.Error as failure:
        if condition := reach_error(failure, connection):
            raise condition from failure
        raise


def _keeps(cursor: psycopg.Cursor[tuple[object, ...]], first: list[sql.SQL]) -> bool:
    """Whether there is a list of kept things that this user may read; `first` is sent before the question."""
    cursor.execute(sql.SQL(";\n").join([*first, load("kept_there")]))
    while cursor.nextset():
        pass
    row = cursor.fetchone()
    return bool(row and row[0])


def _answers(cursor: psycopg.Cursor[tuple[object, ...]], names: tuple[str, ...]) -> Rows:
    answers: list[list[tuple[object, ...]]] = []
    more: bool | None = True
    while more:
        if cursor.description is not None:
            answers.append(cursor.fetchall())
        more = cursor.nextset()
    database, _, *rest = answers
    return {"catalog_database": database, **dict(zip(names, rest, strict=True))}
