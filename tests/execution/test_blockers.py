"""Who is in the way is looked at before anything is asked for, and dealt with as the policy says."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fixtures.runs import Runs, exclusive, index, plan_of, transaction, wait_until

from watari.catalog import LockMode
from watari.errors.stopped import BlockerRefused, PatienceSpent
from watari.evidence.effect import Effect
from watari.evidence.event import EventKind
from watari.evidence.run import RunState
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.policy import Policy


@contextmanager
def open_transaction(url, statement="select * from t", application="reporting") -> Iterator[psycopg.Connection]:
    other = psycopg.connect(**url.conninfo(), application_name=application)
    try:
        other.execute(statement)
        yield other
    finally:
        other.close()


@pytest.fixture(autouse=True)
def table(connection) -> None:
    connection.execute("create table t (id int primary key, n int default 0); insert into t values (1)")


def alter(**fields):
    return plan_of(transaction("alter table t add column c int", effects=(exclusive("public.t"),), **fields))


def test_a_lock_that_cannot_be_had_is_not_asked_for(runs, database, connection):
    """Nobody ever queues behind the run: whoever holds the table has held it for long, and is looked at first."""
    queued = []
    stop = threading.Event()

    def watch() -> None:
        with psycopg.connect(**database.conninfo(), autocommit=True) as own:
            while not stop.is_set():
                queued.extend(
                    own.execute("select from pg_locks where not granted and locktype = 'relation'").fetchall()
                )

    with open_transaction(database) as other:
        time.sleep(1.2)  # what makes a transaction a long one
        watcher = threading.Thread(target=watch)
        watcher.start()
        waits = lambda: len(runs.told(EventKind.LOCK_WAIT)) >= 4  # noqa: E731
        thread = threading.Thread(target=lambda: (wait_until(waits), stop.set(), watcher.join(), other.rollback()))
        thread.start()
        run = runs(alter())
        thread.join()
    assert run.state is RunState.DONE and not queued
    assert any("reporting" in line and "select * from t" in line for line in map(str, run.steps[0].blockers))
    assert not runs.told(EventKind.LOCK_WAIT)[0].data["asked"]


@pytest.mark.parametrize("kind", ["idle_in_transaction", "application:reporting"])
def test_a_blocker_whose_kind_is_to_be_ended_is_ended_and_told_of(kind, runs, database):
    runs.policy = Policy(lock_budget=20, terminate=(kind,), blocker_age=0.2)
    with open_transaction(database) as other:
        assert runs(alter()).state is RunState.DONE
        with pytest.raises(psycopg.OperationalError):
            other.execute("select 1")
    assert any("was ended" in event.data["message"] for event in runs.told(EventKind.WARNING))


def test_a_statement_in_the_way_is_cancelled_where_the_policy_says_so(runs, database):
    runs.policy = Policy(lock_budget=20, cancel=("query",), blocker_age=0.2)
    ended = []

    def report() -> None:
        with psycopg.connect(**database.conninfo()) as own:
            try:
                own.execute("select pg_sleep(60) from t")
            except psycopg.errors.QueryCanceled as cancelled:
                ended.append(cancelled)

    thread = threading.Thread(target=report)
    thread.start()
    assert runs(alter()).state is RunState.DONE or not ended
    thread.join()
    assert ended


def test_a_kind_that_the_policy_does_not_name_is_left_alone(runs, database):
    runs.policy = Policy(lock_budget=1.5, cancel=("dump",), terminate=("query", "application:other"), blocker_age=0.1)
    with open_transaction(database) as other:
        with pytest.raises(PatienceSpent, match="reporting"):
            runs(alter())
        assert other.execute("select 1").fetchone() == (1,)


def test_a_kind_to_give_up_on_stops_the_run_at_once(runs, database):
    runs.policy = Policy(lock_budget=600, give_up_on=("idle_in_transaction",), blocker_age=0.2)
    plan = alter()
    with open_transaction(database), pytest.raises(BlockerRefused, match="reporting"):
        runs(plan)
    assert runs(plan).state is RunState.DONE


def test_a_user_who_may_not_end_a_blocker_goes_on_waiting_and_says_so(runs, database, connection):
    from dataclasses import replace

    connection.execute("drop role if exists watari_modest")
    connection.execute("create role watari_modest login; grant pg_read_all_stats to watari_modest")
    connection.execute(f"grant create on database {database.database} to watari_modest")
    connection.execute("grant create on schema public to watari_modest; alter table t owner to watari_modest")
    runs.url = replace(database, user="watari_modest")
    runs.policy = Policy(lock_budget=1.5, terminate=("application:reporting",), blocker_age=0.1)
    try:
        with open_transaction(database), pytest.raises(PatienceSpent):
            runs(alter())
        assert any("pg_signal_backend" in event.data["message"] for event in runs.told(EventKind.WARNING))
    finally:
        connection.execute("reassign owned by watari_modest to postgres; drop owned by watari_modest")
        connection.execute("drop role watari_modest")


def test_a_dump_is_waited_out_beyond_the_budget_for_locks(runs, database, connection):
    connection.execute("create table slow as select g, repeat('x', 900) from generate_series(1, 300000) g")
    runs.policy = Policy(lock_budget=0.3)
    program = tool("pg_dump", at_least=connection.info.server_version // 10000).path
    environment = {**os.environ, "PGPASSWORD": "", "PGHOST": database.host, "PGPORT": str(database.port)}
    argv = [program, "-U", database.user, "-d", database.database]
    reading, writing = os.pipe()  # nobody reads: the dump stands still with its locks for as long as we like
    dump = subprocess.Popen(argv, env=environment, stdout=writing, stderr=subprocess.DEVNULL)
    os.close(writing)
    holds = "select 1 from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'pg_dump' and relation = 't'::regclass"
    try:
        wait_until(lambda: connection.execute(holds).fetchone())

        def end() -> None:
            wait_until(lambda: sum(event.data["waited_seconds"] > 0.6 for event in runs.told(EventKind.LOCK_WAIT)))
            dump.terminate()

        thread = threading.Thread(target=end)
        thread.start()
        run = runs(alter())
        thread.join()
    finally:
        dump.kill()
        dump.wait()
        os.close(reading)
    assert run.state is RunState.DONE
    assert any("pg_dump" in line for line in map(str, run.steps[0].blockers))


def test_old_snapshots_are_named_before_a_build_waits_for_them(runs, database, connection):
    connection.execute("create table elsewhere (id int)")
    with open_transaction(database, "select * from elsewhere") as other:
        other.execute("commit; begin isolation level repeatable read; select * from elsewhere")
        time.sleep(1.2)  # an old snapshot is one of more than a second
        named = lambda: any("reporting" in str(e.data.get("message")) for e in runs.told(EventKind.NOTICE))  # noqa: E731
        thread = threading.Thread(target=lambda: (wait_until(named), other.rollback()))
        thread.start()
        run = runs(plan_of(index("t_n", "create index concurrently t_n on t (n)")))
        thread.join()
    assert run.state is RunState.DONE


def test_a_validation_waits_on_the_budget_of_builds_and_not_on_that_of_exclusive_locks(runs, database, connection):
    connection.execute("alter table t add constraint positive check (n >= 0) not valid")
    runs.policy = Policy(lock_budget=0.1, lock_timeout=0.05, concurrent_budget=30)
    effect = Effect(relation="public.t", lock=LockMode.SHARE_UPDATE_EXCLUSIVE, scan=True)
    plan = plan_of(transaction("alter table t validate constraint positive", effects=(effect,)))
    with open_transaction(database, "lock table t in share update exclusive mode") as other:
        thread = threading.Thread(target=lambda: (wait_until(lambda: runs.told(EventKind.LOCK_WAIT)), other.rollback()))
        thread.start()
        run = runs(plan)
        thread.join()
    assert run.state is RunState.DONE and run.steps[0].attempts == 1
    assert connection.execute("select convalidated from pg_constraint where conname = 'positive'").fetchone() == (True,)
    progress = runs.told(EventKind.PROGRESS)[0].data
    assert (progress["phase"], progress["done"], progress["unit"]) == ("reading", None, "bytes") and progress[
        "total"
    ] > 0


@pytest.fixture(scope="module")
def tired_server(tmp_path_factory) -> Iterator[EmbeddedServer]:
    """A server that vacuums against wraparound as soon as it can, and slowly."""
    import shutil
    import tempfile
    from pathlib import Path

    folder = Path(tempfile.mkdtemp(prefix="watari-test-"))
    folder.chmod(0o755)
    settings = {
        "autovacuum_naptime": "1s",
        "autovacuum_freeze_max_age": "100000",
        "autovacuum_vacuum_cost_delay": "100ms",
        "autovacuum_vacuum_cost_limit": "1",
    }
    with EmbeddedServer.start(folder / "server", settings=settings, trust=True, scratch=folder) as started:
        yield started
    shutil.rmtree(folder, ignore_errors=True)


def test_a_vacuum_against_wraparound_is_named_and_never_disturbed(tired_server):
    url = tired_server.url()
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        own.execute("create table t (id int, pad text) with (autovacuum_freeze_max_age = 100000)")
        own.execute("create table burnt (n int)")
        own.execute("insert into t select g, repeat('x', 800) from generate_series(1, 40000) g")
        own.execute(
            "do $$ begin for n in 1..110000 loop begin insert into burnt values (1); exception when others then end; end loop; end $$"
        )
        own.execute("select pg_current_xact_id()")
        busy = "select pid from pg_stat_activity where query like '%public.t (to prevent wraparound)%' and backend_type = 'autovacuum worker'"
        wait_until(lambda: own.execute(busy).fetchone(), seconds=90)
        pid = own.execute(busy).fetchone()
        runs = Runs(url)
        runs.policy = Policy(
            lock_budget=2.5, cancel=("autovacuum", "query"), terminate=("autovacuum", "query"), blocker_age=0.0
        )
        with pytest.raises(PatienceSpent, match="to prevent wraparound"):
            runs(alter())
        assert own.execute(busy).fetchone() == pid, "the same vacuum is still at work"
        runs.policy = Policy(give_up_on=("wraparound",), blocker_age=0.0)
        with pytest.raises(BlockerRefused):
            runs(alter())
