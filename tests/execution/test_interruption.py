"""Ctrl-C and a polite kill: the statement is cancelled, the state has a name, the same command goes on."""

from __future__ import annotations

import signal

import pytest
from fixtures.runs import backfill, index, plan_of, started, transaction, wait_until

from watari.evidence.run import RunState


def interrupted(database, plan, tmp_path, connection, query: str, number: int) -> tuple[int, str]:
    """Runs the plan in a process and sends it a signal as soon as the server is busy with `query`."""
    # the server shows the beginning of a long message only
    busy = (
        "select 1 from pg_stat_activity where (query like %s or wait_event = 'PgSleep') and datname = current_database() "
        "and pid <> pg_backend_pid() and state = 'active'"
    )
    with started(database, plan, tmp_path) as process:
        wait_until(lambda: connection.execute(busy, [f"%{query}%"]).fetchone())
        process.send_signal(number)
        said = process.communicate(timeout=20)[0]
        wait_until(lambda: not connection.execute(busy, [f"%{query}%"]).fetchone())
    return process.returncode, said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_transaction_is_cancelled_and_rolled_back(number, runs, ask, connection, database, tmp_path):
    connection.execute("create table go (id int)")
    body = "do $$ begin if not exists (select from go) then perform pg_sleep(30); end if; end $$"
    plan = plan_of(
        transaction("create table a (id int)"), transaction("create table b (id int)", body, migration="002")
    )
    status, said = interrupted(database, plan, tmp_path, connection, "pg_sleep(30)", number)
    assert status == 130 and "RunInterrupted" in said and '"0002.1"' in said
    assert ask("select state from watari.run") == [("stopped",)]
    assert ask("select to_regclass('b')") == [(None,)]
    connection.execute("insert into go values (1)")
    assert runs(plan).state is RunState.DONE


def test_a_concurrent_build_is_cancelled_and_done_by_the_next_start(runs, ask, connection, database, tmp_path):
    connection.execute("create table t (n int); insert into t select generate_series(1, 100)")
    connection.execute(
        "create function slow(int) returns int language plpgsql immutable as $$ begin perform pg_sleep(0.2); return $1; end $$"
    )
    plan = plan_of(index("t_n", "create index concurrently t_n on t (slow(n))"))
    status, _ = interrupted(database, plan, tmp_path, connection, "create index concurrently", signal.SIGINT)
    assert status == 130
    assert ask("select indisvalid from pg_index where indexrelid = to_regclass('t_n')") == [(False,)]
    connection.execute("create or replace function slow(int) returns int language sql immutable as 'select $1'")
    assert runs(plan).state is RunState.DONE
    assert ask("select indisvalid from pg_index where indexrelid = to_regclass('t_n')") == [(True,)]


def test_a_backfill_is_cancelled_between_two_checkpoints(runs, ask, connection, database, tmp_path):
    connection.execute("create table t (id int, n int); insert into t (id) select generate_series(1, 20000)")
    connection.execute(
        "create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.01); return new; end $$; "
        "create trigger slowly before update on t for each row when (old.id > 10000) execute function slowly()"
    )
    plan = plan_of(backfill("public.t", "n", "id", "n is null"))
    status, _ = interrupted(database, plan, tmp_path, connection, "update only", signal.SIGTERM)
    assert status == 130
    connection.execute("drop trigger slowly on t")
    assert runs(plan).state is RunState.DONE
    assert ask("select count(*) from t where n = id") == [(20000,)]


def test_many_small_steps_in_one_message_are_interrupted_at_the_one_that_is_named(
    runs, ask, connection, database, tmp_path
):
    connection.execute("create table go (id int)")
    quick = [transaction(f"create table q{n} (id int)", migration=f"{n:03}", waits_for_locks=False) for n in range(60)]
    body = "do $$ begin if not exists (select from go) then perform pg_sleep(30); end if; end $$"
    quick[40] = transaction("create table q40 (id int)", body, migration="040", waits_for_locks=False)
    plan = plan_of(*quick)
    status, said = interrupted(database, plan, tmp_path, connection, "pg_sleep(30)", signal.SIGINT)
    assert status == 130 and "RunInterrupted" in said and '"0041.1"' in said, said
    assert ask("select state from watari.run") == [("stopped",)]
    assert ask("select count(*) from watari.step where state = 'done'") == [(40,)]
    connection.execute("insert into go values (1)")
    assert runs(plan).state is RunState.DONE
    assert ask("select count(*) from pg_class where relname ~ '^q[0-9]+$'") == [(60,)]
