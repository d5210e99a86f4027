"""A history run on a database with rows in every table, watched from inside: which statements make others wait while they work.

The measurement is that of the forms (`tests/risk/data/ORIGIN.md`): after each statement the locks that its transaction holds,
sequential scans and rows read from `pg_stat_get_xact_*`, and files that are others than before. Statements that refuse a
transaction are run alone and not measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from watari.catalog import Catalog, LockMode
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.risk.hazard import Hazard, Judged, Level
from watari.risk.judge import judge
from watari.risk.registry import rules
from watari.sql.names import refuses_transaction, transaction_word
from watari.sql.statement import Statement

ROWS = 300

_RELATIONS = """
select c.oid::int8, c.relkind::text, pg_relation_filenode(c.oid), coalesce(i.indrelid, c.oid)::int8,
       case when c.relkind in ('r', 'm', 'i') then pg_relation_size(c.oid) else 0 end
  from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
 where c.oid >= 16384 and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'm', 'i', 'p')
"""
_COUNTERS = """
select o::int8, pg_stat_get_xact_numscans(o), pg_stat_get_xact_tuples_returned(o), pg_relation_filenode(o)
  from unnest(%s::oid[]) o
"""
_HELD = """
select relation::int8, mode from pg_locks
 where pid = pg_backend_pid() and locktype = 'relation' and granted
   and database = (select oid from pg_database where datname = current_database())
"""
_EMPTY = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and pg_relation_size(c.oid) = 0
"""
_TABLES = """
select schemaname, tablename from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema'
   and tablename <> 'alembic_version'
"""
_COLUMNS = """
select a.attname, format_type(a.atttypid, null), a.atttypmod, t.typcategory::text, t.typtype::text, a.atthasdef, a.attnotnull
  from pg_attribute a join pg_type t on t.oid = a.atttypid
 where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a'
 order by a.attnum
"""


@dataclass(frozen=True)
class Watched:
    """One statement: what was foreseen, which hazards speak of waiting for work, and whether others waited (None: not seen)."""

    migration: str
    judged: Judged
    hazards: tuple[Hazard, ...]
    worked: bool | None


def cross(connection: psycopg.Connection[Any], migration: str, statements: Sequence[Statement]) -> Iterator[Watched]:
    """Judges one migration on the database as it is, runs it and tells of each statement. Rows come into empty tables first.

    A migration that fails on these rows (a column that no row has a value for) is run again on empty tables, unseen.
    """
    fill(connection)
    catalog = read_catalog(connection)
    judgement = judge([(migration, tuple(statements), True)], catalog, Policy(small_table_rows=0))
    worked = _run(connection, statements, catalog)
    waits = {rule.card.id for rule in rules() if rule.whys}
    for judged, seen in zip(judgement.statements, worked, strict=True):
        here = (judged.statement.line, judged.statement.column)
        hazards = tuple(
            hazard
            for hazard in judgement.hazards
            if (hazard.line, hazard.column) == here and hazard.rule in waits and hazard.level is not Level.INFO
        )
        yield Watched(migration, judged, hazards, seen)


def _run(connection: psycopg.Connection[Any], statements: Sequence[Statement], catalog: Catalog) -> list[bool | None]:
    if any(refuses_transaction(s.node, catalog) or transaction_word(s.node) for s in statements):
        for statement in statements:
            connection.execute(statement.text.encode())
        return [None] * len(statements)
    try:
        with connection.transaction():
            watch = _Watch(connection)
            return [watch.run(statement) for statement in statements]
    except (psycopg.errors.IntegrityError, psycopg.errors.DataError):
        with connection.transaction():
            empty(connection)
            for statement in statements:
                connection.execute(statement.text.encode())
        return [None] * len(statements)


class _Watch:
    """The relations that were there when the transaction began."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        rows = connection.execute(_RELATIONS).fetchall()
        self.kinds = {oid: kind for oid, kind, *_ in rows}
        self.heaps = {oid: heap for oid, _, _, heap, _ in rows}
        self.sizes = {oid: size for oid, *_, size in rows}

    def run(self, statement: Statement) -> bool:
        """Runs it; whether it read, wrote anew or built under a lock that stops others."""
        before = self._counters()
        self.connection.execute(statement.text.encode())
        after, held = self._counters(), self._held()
        return any(self._worked(oid, before[oid], after[oid]) for oid, mode in held.items() if mode >= LockMode.SHARE)

    def _worked(self, oid: int, before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
        kind, full = self.kinds[oid], self.sizes[self.heaps[oid]] > 0
        read = (after[0] or 0) > (before[0] or 0) and (after[1] or 0) > (before[1] or 0)
        written = after[2] is not None and after[2] != before[2] and self._still_full(self.heaps[oid])
        return full and ((kind in "rm" and read) or (kind in "rmi" and written))

    def _still_full(self, heap: int) -> bool:
        row = self.connection.execute("select pg_relation_size(%s::oid)", [heap]).fetchone()
        return bool(row and row[0])

    def _counters(self) -> dict[int, tuple[Any, ...]]:
        return {oid: rest for oid, *rest in self.connection.execute(_COUNTERS, [list(self.kinds)]).fetchall()}  # type: ignore[misc]

    def _held(self) -> dict[int, LockMode]:
        held: dict[int, LockMode] = {}
        for oid, word in self.connection.execute(_HELD).fetchall():
            mode = LockMode.of(word)
            if oid in self.kinds:
                held[oid] = max(mode, held.get(oid, mode))
        return held


# -- rows ---------------------------------------------------------------------------------------------------------------------


def empty(connection: psycopg.Connection[Any]) -> None:
    """Takes the rows away again; what frameworks keep in tables of their own stays."""
    for schema, table in connection.execute(_TABLES).fetchall():
        connection.execute(sql.SQL("truncate {} cascade").format(sql.Identifier(schema, table)))


def fill(connection: psycopg.Connection[Any]) -> None:
    """Rows for every empty table, made up from the types of its columns; foreign keys and triggers do not look at them."""
    for schema, table in connection.execute(_EMPTY).fetchall():
        name = sql.Identifier(schema, table)
        columns = connection.execute(_COLUMNS, [name.as_string(connection)]).fetchall()
        required = [column for column in columns if column[6] and not column[5]]
        for chosen in (columns, required):
            try:
                with connection.transaction():
                    connection.execute("set local session_replication_role = replica")
                    connection.execute(_insert(name, chosen))
                break
            except psycopg.errors.IntegrityError:  # a check that these values do not meet
                continue


def _insert(name: sql.Identifier, columns: Sequence[tuple[Any, ...]]) -> sql.Composed:
    if not columns:
        return sql.SQL("insert into {} default values").format(name)
    return sql.SQL("insert into {} ({}) select {} from generate_series(1, {}) g").format(
        name,
        sql.SQL(", ").join(sql.Identifier(column[0]) for column in columns),
        sql.SQL(", ").join(_value(*column[1:5]) for column in columns),
        ROWS,
    )


_VALUES = {"N": "g", "B": "g % 2 = 0", "A": "'{{}}'", "T": "g * interval '1 s'", "D": "now() + g * interval '1 s'"}
_NAMED = {"uuid": "md5(g::text)::uuid", "json": "'{{}}'", "jsonb": "'{{}}'", "bytea": "'x'"}


def _value(type_: str, modifier: int, category: str, kind: str) -> sql.Composed:
    """An expression over `g` that is another value for every row."""
    name = sql.SQL(type_)  # as the server itself writes it
    if kind == "e":
        return sql.SQL("(enum_range(null::{}))[1]").format(name)
    if category == "S":
        return sql.SQL("left('v' || g, {})::{}").format(modifier - 4 if modifier > 4 else 60, name)
    text = _NAMED.get(type_) or _VALUES.get(category, "null")
    return sql.SQL("({})::{}").format(sql.SQL(text.replace("{{}}", "{}")), name)
