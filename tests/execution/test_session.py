"""Two runs never overlap, whoever starts them, and a statement whose client is dead counts as a run."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from fixtures.runs import Listed, Runs, plan_of, started, transaction, wait_until

from watari.errors.running import RunBusy
from watari.evidence.run import RunState
from watari.execution.circumstances import Circumstances
from watari.execution.session import KEYSPACE, WORKER, Session
from watari.project.policy import Policy


def test_of_ten_starts_at_once_one_runs_and_the_others_say_who_does(database, ask):
    plan = plan_of(transaction("create table a (id int)", "select pg_sleep(3)"))
    circumstances = Circumstances(by="hanako", host="db-admin-1")

    def start(_: int) -> object:
        try:
            return Runs(database)(plan, circumstances=circumstances).state
        except RunBusy as busy:
            return str(busy)

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(start, range(10)))
    assert answers.count(RunState.DONE) == 1
    busy = [answer for answer in answers if answer is not RunState.DONE]
    assert len(busy) == 9 and all("watari apply" in answer and "pid" in answer for answer in busy)
    assert any("db-admin-1" in answer and "hanako" in answer for answer in busy)
    assert ask("select count(*) from watari.run") == [(1,)]


def test_the_frameworks_own_runner_keeps_watari_out_and_the_other_way_round(runs, database):
    with psycopg.connect(**database.conninfo(), autocommit=True, application_name="prisma") as other:
        other.execute("select pg_advisory_lock(%s)", [Listed.key])
        with pytest.raises(RunBusy, match="prisma"):
            runs(plan_of(transaction("select 1")))
        other.execute("select pg_advisory_unlock_all()")
        held = []
        step = transaction("select pg_sleep(1)")
        thread = threading.Thread(target=lambda: runs(plan_of(step)))
        thread.start()
        while not held or held[-1]:
            held.append(other.execute("select pg_try_advisory_lock(%s)", [Listed.key]).fetchone()[0])
            if held[-1]:
                other.execute("select pg_advisory_unlock(%s)", [Listed.key])
            time.sleep(0.02)
        thread.join()


@pytest.mark.parametrize("key", [-5, 2**62 + 3, 77433833903597])
def test_large_and_negative_keys_of_frameworks_are_held_and_named(key, runs, database):
    runs.framework.key = key
    with psycopg.connect(**database.conninfo(), autocommit=True, application_name="flyway") as other:
        other.execute("select pg_advisory_lock(%s)", [key])
        with pytest.raises(RunBusy, match="flyway"):
            runs(plan_of(transaction("select 1")))


def test_a_worker_whose_process_is_gone_is_waited_for_and_then_ended(runs, database, monkeypatch):
    monkeypatch.setattr("watari.execution.session._ZOMBIE_PATIENCE", 0.5)
    with psycopg.connect(**database.conninfo(), autocommit=True) as zombie:
        zombie.execute("select pg_advisory_lock(%s, %s)", [KEYSPACE, WORKER])
        assert runs(plan_of(transaction("create table a (id int)"))).state is RunState.DONE
        with pytest.raises(psycopg.OperationalError):
            zombie.execute("select 1")


def test_the_locks_are_gone_with_the_session(database, connection):
    with Session.open(database, runner_keys=(1, 2), policy=Policy(), purpose="test"):
        assert connection.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone() == (4,)
    wait_until(
        lambda: connection.execute("select count(*) from pg_locks where locktype = 'advisory'").fetchone() == (0,)
    )


def test_a_guard_that_is_gone_stops_the_run_before_its_next_step(runs, ask, connection):
    from watari.errors.stopped import RunCutOff

    kill = (
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 1 and objsubid = 2 "
        "and database = (select oid from pg_database where datname = current_database()) and (select once())"
    )
    # nothing takes a sequence back: the step that is done again does not end its guard again
    connection.execute(
        "create sequence s; create function once() returns bool language sql as $$ select nextval('s') = 1 $$"
    )
    plan = plan_of(transaction(kill, "select pg_sleep(0.2)"), transaction("create table a (id int)", migration="002"))
    with pytest.raises(RunCutOff):
        runs(plan)
    assert ask("select to_regclass('a')") == [(None,)]
    assert runs(plan).state is RunState.DONE


def test_the_session_names_the_run_for_whoever_looks_at_the_server(runs, ask):
    runs(plan_of(transaction("create table seen as select application_name from pg_stat_activity")))
    names = [name for (name,) in ask("select application_name from seen where application_name like 'watari apply%'")]
    assert any(name.startswith("watari apply 2") for name in names) and "watari apply worker" in names


def test_no_second_run_while_a_killed_one_still_works_in_the_server(runs, database, connection, tmp_path):
    """The process is killed in the middle of a statement that goes on in the server for a while."""
    plan = plan_of(transaction("create table a as select 1 as n", "select pg_sleep(1.5)"))
    busy = "select 1 from pg_stat_activity where query like '%pg_sleep(1.5)%' and pid <> pg_backend_pid()"
    with started(database, plan, tmp_path):
        wait_until(lambda: connection.execute(busy).fetchone())
    assert runs(plan).state is RunState.DONE
    assert connection.execute("select count(*) from a").fetchone() == (1,)
    assert connection.execute("select count(*) from watari.run").fetchone() == (1,)
