"""Rows, orphans, sequences and leftovers, read from real databases: exactly where it is cheap, honestly where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from fixtures.counters import flush_counters

from watari.catalog import Catalog, Name
from watari.locale import Language
from watari.postgres.connection import connect
from watari.postgres.counting import count_rows
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.live_facts import with_live_facts
from watari.postgres.observation import QUERIES, observe, own_routines
from watari.postgres.orphans import count_orphans
from watari.postgres.positions import sequence_positions
from watari.postgres.queries import load
from watari.postgres.reader import read_catalog
from watari.postgres.statistics import read_statistics
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl

RUNBOOK = """
create table roles (id serial primary key, name text not null);
create table users (id serial primary key, email text not null, role_id int);
create table tasks (id serial primary key, user_id int references users (id), title text);
insert into roles (name) values ('admin'), ('member');
insert into users (email, role_id) select 'u' || g || '@example.test', case when g % 10 = 0 then 99 when g % 7 = 0 then null else 1 end
  from generate_series(1, 100) g;
insert into tasks (user_id, title) select g, 't' || g from generate_series(1, 50) g;
alter table users add constraint fk_role foreign key (role_id) references roles (id) not valid;
"""


@pytest.fixture
def catalog(connection: psycopg.Connection) -> Catalog:
    connection.execute(RUNBOOK)
    return read_catalog(connection)


def counts(connection: psycopg.Connection, catalog: Catalog, **more: object) -> dict[str, tuple[int | None, bool]]:
    found = count_rows(connection, catalog, **more)  # type: ignore[arg-type]
    return {name: (count.rows, count.exact) for name, count in found.items()}


def test_small_tables_are_counted(connection: psycopg.Connection, catalog: Catalog) -> None:
    assert counts(connection, catalog) == {
        "public.roles": (2, True),
        "public.users": (100, True),
        "public.tasks": (50, True),
    }
    assert connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


def test_large_tables_are_estimated_unless_asked_for(connection: psycopg.Connection) -> None:
    connection.execute("create table big (id int); insert into big select generate_series(1, 150000); analyze big")
    connection.execute("delete from big where id <= 20000")
    catalog = read_catalog(connection)
    assert counts(connection, catalog) == {"public.big": (150000, False)}
    assert counts(connection, catalog, exact=["public.big"]) == {"public.big": (130000, True)}


def test_partitions_count_together(connection: psycopg.Connection) -> None:
    connection.execute("create table e (at int) partition by range (at)")
    connection.execute("create table e1 partition of e for values from (0) to (10) partition by range (at)")
    connection.execute("create table e11 partition of e1 for values from (0) to (10)")
    connection.execute("create table e2 partition of e for values from (10) to (20)")
    connection.execute("insert into e select generate_series(0, 14)")
    assert counts(connection, read_catalog(connection)) == {
        "public.e": (15, True),
        "public.e1": (10, True),
        "public.e11": (10, True),
        "public.e2": (5, True),
    }


def test_a_count_that_takes_too_long_is_the_estimate_and_says_so(connection: psycopg.Connection) -> None:
    connection.execute("create table slow (id int); insert into slow select generate_series(1, 400000); analyze slow")
    found = count_rows(connection, read_catalog(connection), exact=["public.slow"], seconds=0.001)["public.slow"]
    assert (found.rows, found.exact) == (400000, False)
    assert found.why and "0.001 s" in found.why.render(Language.EN) and "0.001 秒" in found.why.render(Language.JA)


def test_what_may_not_be_read_says_so_and_the_rest_is_counted(
    connection: psycopg.Connection, catalog: Catalog, database: DatabaseUrl
) -> None:
    connection.execute(
        "do $$ begin create role counter login password 'x'; exception when duplicate_object then null; end $$"
    )
    connection.execute("grant select on roles, users to counter")
    connection.execute("alter table users enable row level security")
    with connect(replace(database, user="counter", password=Secret("x")), purpose="test") as poor:
        found = count_rows(poor, catalog)
        assert found["public.roles"].rows == 2
        assert found["public.tasks"].why and "may not read" in str(found["public.tasks"].why)
        assert found["public.users"].why and "row level security" in str(found["public.users"].why)
        orphans = {one.constraint: one for one in count_orphans(poor, catalog)}
        assert orphans["fk_role"].rows is None and orphans["fk_role"].why
        assert all(position.why or position.following is None for position in sequence_positions(poor, catalog))
    connection.execute("drop owned by counter")


def test_orphans_of_a_key_that_was_never_validated_are_found(connection: psycopg.Connection, catalog: Catalog) -> None:
    found = {one.constraint: one for one in count_orphans(connection, catalog)}
    assert found["fk_role"].rows == 10 and found["fk_role"].examples == ("99",)
    assert found["tasks_user_id_fkey"].rows == 0


def test_orphans_behind_a_validated_key_are_found_too(connection: psycopg.Connection, catalog: Catalog) -> None:
    connection.execute(
        "set session_replication_role = replica; delete from users where id = 5; reset session_replication_role"
    )
    found = {one.constraint: one for one in count_orphans(connection, catalog)}
    assert found["tasks_user_id_fkey"].rows == 1


def test_keys_of_several_columns_and_of_types_with_their_own_equality(connection: psycopg.Connection) -> None:
    connection.execute("create schema ext; create extension citext schema ext")
    connection.execute("""
        create table p (a int, b int, primary key (a, b));
        create table c (x int, y int, foreign key (x, y) references p (a, b) not valid);
        insert into p values (1, 2);
        create table q (name ext.citext primary key);
        insert into q values ('Tokyo');
        create table d (city ext.citext references q (name));
        insert into d values ('TOKYO');
    """)
    connection.execute(
        "set session_replication_role = replica; insert into c values (1, 2), (1, null), (2, 2); reset all"
    )
    found = {one.table: one for one in count_orphans(connection, read_catalog(connection))}
    assert found["public.c"].rows == 1 and found["public.c"].examples == ("2, 2",)
    assert found["public.d"].rows == 0


def test_a_large_validated_key_is_searched_only_when_asked(connection: psycopg.Connection, catalog: Catalog) -> None:
    tasks = Name("public", "tasks")
    large = replace(catalog, tables={**catalog.tables, tasks: replace(catalog.tables[tasks], rows=5_000_000)})
    found = {one.constraint: one for one in count_orphans(connection, large)}
    assert found["tasks_user_id_fkey"].rows is None and "validated" in str(found["tasks_user_id_fkey"].why)
    found = {one.constraint: one for one in count_orphans(connection, large, exact=["public.tasks"])}
    assert found["tasks_user_id_fkey"].rows == 0


def test_sequences_beside_their_columns(connection: psycopg.Connection, catalog: Catalog) -> None:
    found = {one.sequence: one for one in sequence_positions(connection, catalog)}
    assert (found["public.users_id_seq"].following, found["public.users_id_seq"].furthest) == (101, 100)
    connection.execute("insert into roles (id, name) values (50, 'x')")
    connection.execute("create table down (id int primary key)")
    connection.execute("create sequence s increment -1 owned by down.id; insert into down values (-7)")
    found = {one.sequence: one for one in sequence_positions(connection, read_catalog(connection))}
    assert (found["public.roles_id_seq"].following, found["public.roles_id_seq"].furthest) == (3, 50)
    down = found["public.s"]
    assert (down.following, down.furthest, down.ascending) == (-1, -7, False)


def test_own_functions_are_seen(connection: psycopg.Connection) -> None:
    connection.execute(
        "create schema watari; create function watari.watari_sync_x() returns int language sql as 'select 1'"
    )
    assert own_routines(connection) == ("watari.watari_sync_x",)


@pytest.mark.parametrize("name", QUERIES)
def test_anyone_can_run_the_questions(connection: psycopg.Connection, catalog: Catalog, name: str) -> None:
    rows = connection.execute(load(name)).fetchall()
    shown = {str(value) for row in rows for value in row}
    wanted = {
        "verify_tables": {str(t.name) for t in catalog.tables},
        "verify_columns": {c.name for t in catalog.tables.values() for c in t.columns},
        "verify_indexes": {i.name for i in catalog.indexes},
        "verify_constraints": {c.name for c in catalog.constraints},
        "verify_objects": {str(s) for s in catalog.sequences},
        "verify_sequences": {s.name for s in catalog.sequences},
        "verify_leftovers": set(),
    }[name]
    assert wanted <= shown | {f"public.{value}" for value in shown}
    observed = observe(connection, catalog).queries[name]
    assert observed.startswith("-- ") and "%s" not in observed


# -- statistics -------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["server", "server_15"])
def busy(request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    server: EmbeddedServer = request.getfixturevalue(request.param)
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute("drop database if exists busy with (force)")
        admin.execute("create database busy template template0")
        with connect(server.url("busy"), purpose="test") as session:
            session.execute(RUNBOOK)
            session.execute("insert into users (email) select 'x' from generate_series(1, 500)")
            session.execute("select count(*) from users")
            session.execute("set enable_seqscan = off; select * from users where id = 5; reset enable_seqscan")
            session.execute("delete from tasks where id > 40")
            flush_counters(session)
            yield session
        admin.execute("drop database busy with (force)")


def test_counters_of_tables_indexes_and_the_database(busy: psycopg.Connection) -> None:
    statistics = read_statistics(busy)
    users, tasks = statistics.tables["public.users"], statistics.tables["public.tasks"]
    assert users.inserted == 600 and users.rows == 600 and users.bytes > 0
    assert users.sequential_scans >= 1 and users.rows_per_sequential_scan > 0
    assert tasks.deleted == 10
    assert statistics.indexes["public.users_pkey"].scans >= 1
    assert statistics.indexes["public.users_pkey"].table == "public.users"
    assert statistics.cache_hit_ratio is None or 0 <= statistics.cache_hit_ratio <= 1


def test_statements_are_there_with_the_extension_and_their_absence_is_told(
    busy: psycopg.Connection, request: pytest.FixtureRequest
) -> None:
    without = read_statistics(busy)
    assert without.statements is None and "not installed" in str(without.why)
    busy.execute("create schema ext; create extension pg_stat_statements schema ext")
    busy.execute("select count(*) from tasks where title = 'x'")
    busy.execute(
        "do $$ begin create role secretive password 'geheim'; exception when duplicate_object then null; end $$"
    )
    found = read_statistics(busy)
    if "server_15" not in request.node.name:
        assert found.statements is None and "shared_preload_libraries" in str(found.why)
        return
    assert found.statements is not None
    (one,) = [s for s in found.statements.values() if s.text == "select count(*) from tasks where title = $1"]
    assert one.calls == 1 and one.mean_seconds == one.total_seconds > 0
    assert not any("geheim" in s.text for s in found.statements.values())
    queries = with_live_facts(busy, read_catalog(busy)).queries
    assert queries is not None and "select count(*) from tasks where title = $1" in [query.text for query in queries]
