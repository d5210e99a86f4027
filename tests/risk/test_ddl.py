"""Generated DDL on a real server: nothing that closes a table to everybody goes without a word, and nothing is too odd to judge."""

from __future__ import annotations

import random
from collections.abc import Iterator

import psycopg
import pytest

from bench.lock_forms import DATA, session, statements
from risk.ddl import script
from watari.catalog import Catalog
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.risk.judge import judge
from watari.sql import Script

#: Tables that this transaction holds under ACCESS EXCLUSIVE.
CLOSED = """
select relation::int8 from pg_locks
 where pid = pg_backend_pid() and locktype = 'relation' and mode = 'AccessExclusiveLock' and granted
   and database = (select oid from pg_database where datname = current_database())
"""
THERE = """
select c.oid::int8, c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""


@pytest.fixture(scope="module")
def loaded(server: EmbeddedServer, lasting_database: object) -> Iterator[tuple[psycopg.Connection, Catalog]]:
    """The fixture of the forms, and what is known of it."""
    url: DatabaseUrl = lasting_database()  # type: ignore[operator]
    with session(server, url.database) as connection:
        if connection.info.server_version < 150000:
            pytest.skip("the fixture is written for PostgreSQL 15 and later")
        for statement in statements((DATA / "lock-fixture.sql").read_text("utf-8")):
            connection.execute(statement.text.encode())
        yield connection, read_catalog(connection)


@pytest.mark.parametrize(
    ("seed", "count"), [(1, 250), *(pytest.param(seed, 1000, marks=pytest.mark.full) for seed in range(2, 12))]
)
def test_whatever_closes_a_table_is_told(loaded: tuple[psycopg.Connection, Catalog], seed: int, count: int) -> None:
    """10,000 scripts in the long suite."""
    connection, catalog = loaded
    chance = random.Random(seed)
    there: dict[int, str] = dict(connection.execute(THERE).fetchall())
    seen = silent = 0
    for _ in range(count):
        texts = script(chance)
        given = Script(file="s.sql", data=";\n".join(texts).encode()).statements
        judgement = judge([("s", given, True)], catalog, Policy())
        told = {hazard.line for hazard in judgement.hazards}
        for line, closed in enumerate(run(connection, texts), 1):
            tables = sorted(there[oid] for oid in closed if oid in there)
            seen += bool(tables)
            assert not tables or line in told, f"{texts[line - 1]} closes {tables}, in {texts}"
            silent += not tables and line not in told
    assert seen > count / 2 and silent  # both happen


def run(connection: psycopg.Connection, texts: list[str]) -> list[set[int]]:
    """The relations that each statement closed anew, up to the first that fails; everything is taken back."""
    found: list[set[int]] = []
    held: set[int] = set()
    with connection.transaction(force_rollback=True):
        for text in texts:
            try:
                with connection.transaction():
                    connection.execute(text.encode())
            except psycopg.Error:
                break
            now = {oid for (oid,) in connection.execute(CLOSED).fetchall()}
            found.append(now - held)
            held = now
    return found
