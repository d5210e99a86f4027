"""Others are in the way: the run gives way, says who, and tries again; it never makes the application wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from fixtures.runs import exclusive, plan_of, transaction, wait_until

from watari.catalog import LockMode
from watari.errors.stopped import PatienceSpent
from watari.evidence.effect import Effect
from watari.evidence.event import EventKind
from watari.evidence.run import RunState
from watari.execution import history
from watari.planning.plan import Step
from watari.project.policy import Policy


@contextmanager
def in_transaction(url, statement, application="reporting") -> Iterator[psycopg.Connection]:
    with psycopg.connect(**url.conninfo(), application_name=application) as other:
        other.execute(statement)
        yield other
        other.rollback()


@contextmanager
def point_queries(url, table) -> Iterator[list[float]]:
    """Somebody who reads and writes one row all the time; how long each operation took comes out."""
    seconds: list[float] = []
    stop = threading.Event()

    def work() -> None:
        with psycopg.connect(**url.conninfo(), autocommit=True) as own:
            while not stop.is_set():
                began = time.perf_counter()
                own.execute(
                    psycopg.sql.SQL("update {} set n = n + 1 where id = 1").format(psycopg.sql.Identifier(table))
                )
                seconds.append(time.perf_counter() - began)
                time.sleep(0.002)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield seconds
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def table(connection) -> str:
    connection.execute("create table t (id int primary key, n int default 0); insert into t values (1)")
    return "t"


def alter(**fields):
    return transaction("alter table t add column c int", effects=(exclusive("public.t"),), **fields)


def test_a_long_transaction_is_waited_out_and_named(runs, table, database, connection):
    ended = threading.Timer(0.7, lambda: other.rollback())
    with in_transaction(database, "select * from t") as other:
        ended.start()
        run = runs(plan_of(alter()))
        ended.join()
    assert run.state is RunState.DONE
    step = run.steps[0]
    assert step.attempts > 1 and step.waited_seconds > 0.1
    assert any(
        "reporting" in line and "select * from t" in line and "idle in transaction" in line
        for line in map(str, step.blockers)
    )
    waits = runs.told(EventKind.LOCK_WAIT)
    assert waits and any("reporting" in line for event in waits for line in event.data["blockers"])
    states = [attempt.state for attempt in history.attempts(connection)]
    assert states == ["gave_way"] * (step.attempts - 1) + ["done"]


def test_the_application_does_not_wait_behind_the_waiting_run(runs, table, database):
    with in_transaction(database, "select * from t") as other, point_queries(database, table) as seconds:
        ended = threading.Timer(1.0, lambda: other.rollback())
        ended.start()
        runs(plan_of(alter()))
        ended.join()
    # without giving way it would have stood still for the whole second
    assert len(seconds) > 20


def test_patience_has_an_end_that_names_who_was_in_the_way(runs, table, database, ask):
    runs.policy = Policy(lock_budget=0.4)
    plan = plan_of(alter())
    with in_transaction(database, "select * from t"), pytest.raises(PatienceSpent) as stopped:
        runs(plan)
    assert "reporting" in str(stopped.value) and int(stopped.value.status) == 5
    assert ask("select state from watari.run") == [("stopped",)]
    assert runs(plan).state is RunState.DONE


def test_two_tables_are_locked_in_one_order_and_together_no_longer_than_one(runs, connection, database):
    connection.execute("create table b (id int primary key); create table a (b int)")
    effects = tuple(Effect(relation=f"public.{name}", lock=LockMode.SHARE_ROW_EXCLUSIVE) for name in "ba")
    step = transaction("alter table a add foreign key (b) references b", effects=effects)
    with in_transaction(database, "lock table b in row exclusive mode") as other:
        ended = threading.Timer(0.3, lambda: other.rollback())
        ended.start()
        run = runs(plan_of(step))
        ended.join()
    assert run.steps[0].attempts > 1


@contextmanager
def deadlock(connection, database) -> Iterator[Step]:
    """A step that a session is going to have a deadlock with, and lose it, when it first runs."""
    connection.execute(
        "create table a (id int); create table b (id int); insert into a values (1); insert into b values (1)"
    )
    until_somebody_waits = (
        "do $$ begin for n in 1..200 loop perform pg_sleep(0.02); "
        "exit when exists (select from pg_locks where not granted); end loop; end $$"
    )
    step = transaction("update b set id = 2", until_somebody_waits, "update a set id = 2")
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("set deadlock_timeout = '10s'")  # so that the run is the one who is sent back
        other.execute("update a set id = 3")

        def collide() -> None:
            wait_until(lambda: connection.execute("select 1 from pg_locks where relation = 'b'::regclass").fetchone())
            other.execute("update b set id = 3")
            other.commit()

        thread = threading.Thread(target=collide)
        thread.start()
        yield step
        thread.join()


def test_a_deadlock_is_rolled_back_and_tried_again(runs, connection, database):
    runs.policy = Policy(lock_timeout=30, lock_budget=60)
    with deadlock(connection, database) as step:
        run = runs(plan_of(step))
    assert run.state is RunState.DONE and run.steps[0].attempts > 1
    assert connection.execute("select a.id, b.id from a, b").fetchall() == [(2, 2)]


def test_a_deadlock_without_any_patience_left_stops_in_a_named_state(runs, connection, database, ask):
    runs.policy = Policy(lock_timeout=30, lock_budget=0)
    with deadlock(connection, database) as step, pytest.raises(PatienceSpent) as stopped:
        runs(plan_of(step))
    assert int(stopped.value.status) == 5 and ask("select state from watari.run") == [("stopped",)]
    assert runs(plan_of(step)).state is RunState.DONE
    assert ask("select a.id, b.id from a, b") == [(2, 2)]


def test_in_the_fast_way_too_somebody_may_be_in_the_way(runs, connection, database):
    connection.execute("create table t (id int primary key)")
    steps = [
        transaction(f"create table c{n} (id int)", migration=f"{n:03d}", waits_for_locks=False) for n in range(1, 31)
    ]
    steps[20] = replace(steps[20], sql=("create table c21 (t int references t)",))
    with in_transaction(database, "lock table t in share mode") as other:
        ended = threading.Timer(0.4, lambda: other.rollback())
        ended.start()
        run = runs(plan_of(*steps))
        ended.join()
    assert run.state is RunState.DONE
    assert [step.id for step in run.steps if step.attempts > 1] == ["0021.1"]


def test_a_table_that_may_not_be_locked_by_name_is_left_to_the_statement(runs, connection, database):
    connection.execute(
        "drop owned by watari_child" if _role(connection) else "create role watari_child login superuser"
    )
    connection.execute("alter role watari_child nosuperuser")
    connection.execute(f"grant create on database {database.database} to watari_child")
    connection.execute("grant create on schema public to watari_child")
    connection.execute("create table parent (id int primary key); grant references on parent to watari_child")
    runs.url = replace(database, user="watari_child")
    effects = (Effect(relation="public.parent", lock=LockMode.SHARE_ROW_EXCLUSIVE),)
    step = transaction("create table child (p int references parent)", effects=effects)
    assert runs(plan_of(step)).state is RunState.DONE
    connection.execute("drop owned by watari_child; drop role watari_child")


def _role(connection) -> bool:
    return bool(connection.execute("select from pg_roles where rolname = 'watari_child'").fetchone())


def test_a_vacuum_by_the_server_itself_leaves_when_asked_behind_a_lock_that_stops_nobody(runs, connection, database):
    connection.execute(
        "create table t (id int, pad text) with (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, "
        "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_insert_threshold = -1)"
    )
    connection.execute(
        "insert into t select g, repeat('x', 500) from generate_series(1, 20000) g; delete from t where id % 2 = 0"
    )
    connection.execute("alter system set autovacuum_naptime = '1s'")
    connection.execute("select pg_reload_conf()")
    try:
        busy = "select count(*) from pg_stat_progress_vacuum where relid = 't'::regclass"
        wait_until(lambda: connection.execute(busy).fetchone()[0], seconds=60)
        runs.policy = Policy(lock_budget=30)
        run = runs(plan_of(transaction("alter table t add column c int", effects=(exclusive("public.t"),))))
    finally:
        connection.execute("alter system reset autovacuum_naptime")
        connection.execute("select pg_reload_conf()")
    assert run.state is RunState.DONE
    assert any("autovacuum" in line for line in map(str, run.steps[0].blockers)) and run.steps[0].attempts < 10
