"""What a step is thought to need of the server's disk, against what it took."""

from __future__ import annotations

import pytest
from fixtures.runs import backfill, index, transaction

from watari.catalog import LockMode
from watari.evidence.effect import Effect
from watari.gates.needs import Need, need_of, sizes_in, takes_room
from watari.planning.plan import Settle, Step
from watari.postgres.reader import read_catalog
from watari.values import replace

ROWS = 40_000


@pytest.fixture(autouse=True)
def table(connection) -> None:
    connection.execute(
        "create table t (id int primary key, u uuid default gen_random_uuid(), name text, n bigint, note text) "
        "with (autovacuum_enabled = off)"
    )
    connection.execute(
        "insert into t (id, name, n, note) select g, 'customer ' || g, g, repeat('x', 100) from generate_series(1, %s) g",
        [ROWS],
    )
    connection.execute("vacuum analyze t")


def need(connection, step: Step) -> Need:
    assert takes_room(step)
    return need_of(step, sizes_in(read_catalog(connection)))


@pytest.mark.parametrize("columns", ["n", "u", "name", "name, n", "note, u", "id) include (name"])
def test_an_index_takes_about_what_its_columns_and_rows_say(columns, connection, ask):
    statement = f"create index concurrently built on t ({columns})"
    settle = Settle(kind="index_valid", relation="public.built", table="public.t")
    thought = need(connection, replace(index("built", statement), settle=settle)).files
    connection.execute(statement.encode())
    assert 0.8 < thought / ask("select pg_relation_size('built')")[0][0] < 1.4


def test_a_rewrite_takes_what_lives_of_the_table(connection, ask):
    connection.execute("delete from t where id % 4 > 0")
    connection.execute("select pg_stat_force_next_flush()")
    connection.execute("analyze t")
    step = transaction("alter table t alter column n type int", effects=(Effect(relation="public.t", rewrite=True),))
    thought = need(connection, step).files
    connection.execute("alter table t alter column n type int")
    assert 0.8 < thought / ask("select pg_total_relation_size('t')")[0][0] < 1.5


@pytest.mark.parametrize("parted", [True, False], ids=["in parts", "as one UPDATE"])
def test_rows_that_change_take_no_more_than_was_thought(parted, connection, ask, runs):
    connection.execute("alter table t add column wide bigint")
    step = backfill("public.t", "wide", "n", "wide is null")
    thought = need(connection, step)
    before, log = ask("select pg_total_relation_size('t'), pg_current_wal_insert_lsn() - '0/0'")[0]
    if parted:
        from fixtures.runs import plan_of

        runs(plan_of(step))
    else:
        connection.execute("checkpoint")
        connection.execute("update t set wide = n")
    after, ended = ask("select pg_total_relation_size('t'), pg_current_wal_insert_lsn() - '0/0'")[0]
    assert after - before < thought.files * 1.2
    assert 0.1 < float(ended - log) / thought.log < 1.2


def test_steps_that_only_change_the_catalog_need_nothing():
    step = transaction(
        "alter table t add column x int", effects=(Effect(relation="public.t", lock=LockMode.ACCESS_EXCLUSIVE),)
    )
    assert not takes_room(step)
