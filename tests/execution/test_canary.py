"""The application is asked beside the run, and stops it where it suffers."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.runs import Listed, index, plan_of, transaction, wait_until

from watari.errors.stopped import ApplicationSuffers, RunInterrupted
from watari.evidence.event import EventKind
from watari.evidence.run import RunState
from watari.planning.plan import Phase, Settle, Step, StepKind
from watari.project.policy import Policy

SLOW_TOOL = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("set lock_timeout = 0")
    connection.execute("begin; lock table app; select pg_sleep(60)")
"""
SUFFERING = Policy(canary_sql="select id from app where id = 1", canary_every=0.05, canary_limit=0.2, canary_failures=2)


@pytest.fixture(autouse=True)
def application(connection) -> None:
    connection.execute("create table app (id int primary key); insert into app values (1); create table go (id int)")


def slow(seconds: int = 30) -> str:
    return f"do $$ begin if not exists (select from go) then perform pg_sleep({seconds}); end if; end $$"


def test_a_step_behind_whose_lock_the_application_waits_is_cancelled_and_done_by_the_next_start(runs, ask, connection):
    runs.policy = SUFFERING
    plan = plan_of(transaction("create table a (id int)"), transaction("lock table app", slow(), migration="002"))
    with pytest.raises(ApplicationSuffers, match="2 times in a row") as stopped:
        runs(plan)
    assert int(stopped.value.status) == 5 and '"0002.1"' in str(stopped.value)
    assert ask("select state, error like '%canary_sql took%' from watari.run") == [("stopped", True)]
    assert runs.told(EventKind.WARNING)
    wait_until(lambda: ask("select count(*) from pg_locks where mode = 'AccessExclusiveLock'") == [(0,)])
    connection.execute("insert into go values (1)")
    assert runs(plan).state is RunState.DONE


def test_a_bad_answer_that_is_followed_by_a_good_one_stops_nothing(runs, database):
    runs.policy = replace(SUFFERING, canary_failures=20)
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("lock table app")
        well = threading.Thread(target=lambda: (wait_until(lambda: runs.told(EventKind.WARNING)), other.rollback()))
        well.start()
        assert runs(plan_of(transaction("select pg_sleep(3)"))).state is RunState.DONE
        well.join()
    assert runs.told(EventKind.WARNING)


def test_a_pause_and_the_frameworks_own_command_are_ended_too(runs, database, connection, tmp_path):
    """The canary's table is not touched by the run at all: whatever the run does at this moment ends."""
    runs.policy = Policy(canary_sql="select id from nowhere", canary_every=0.05, canary_failures=3, lock_budget=60)
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("select * from go")
        with pytest.raises(ApplicationSuffers, match="nowhere"):
            runs(plan_of(transaction("alter table go add column n int")))
    runs.framework = Listed(argv=("sleep", "60"))
    settle = Settle(kind="history_applied", relation="m1")
    command = Step(id="", phase=Phase.MIGRATE, kind=StepKind.COMMAND, migration="m1", settle=settle)
    connection.execute("update watari.run set state = 'rolled_back'")
    with pytest.raises(ApplicationSuffers):
        runs(plan_of(command))


def test_a_build_that_the_canary_ends_leaves_no_half_built_index_that_is_skipped(runs, connection, database, ask):
    runs.policy = SUFFERING
    connection.execute("create table t (n int); insert into t values (1)")
    plan = plan_of(index("t_n", "create index concurrently t_n on t (n)"))
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("update t set n = 2; lock table app")
        with pytest.raises(ApplicationSuffers):
            runs(plan)
    assert runs(plan).state is RunState.DONE
    assert ask("select indisvalid from pg_index where indexrelid = 't_n'::regclass") == [(True,)]


def test_an_interruption_by_a_person_keeps_its_own_name(runs):
    runs.policy = Policy(canary_sql="select 1", canary_every=0.05)
    import os
    import signal

    threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(RunInterrupted):
        runs(plan_of(transaction("select pg_sleep(30)")))


@contextmanager
def web(status: int) -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_address[1]}/health"
        served.shutdown()


@pytest.mark.parametrize(("status", "exit"), [(200, 0), (503, 5)])
def test_an_application_that_answers_badly_over_http_stops_the_command(status, exit, folder: Folder):
    folder.write("migrations/001_slow.sql", "create table made (id int);\nselect pg_sleep(3);\n")
    with web(status) as url:
        folder.write(
            "watari.toml",
            '[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\n'
            f'canary_url = "{url}"\ncanary_every = 0.1\n',
        )
        answer = folder.watari("apply", "--yes")
    assert answer.status == exit, answer.err
    if exit:
        assert "status 503" in answer.err and "the application suffers" in answer.err
        assert folder.watari("apply", "--yes", "--config", "/dev/null").status in (0, 2)


def guarded(folder: Folder, *settings: str) -> tuple[int, str]:
    """A tool that locks the application's table for a minute, behind the door; exit status and what was said."""
    head = '[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\n'
    folder.write("watari.toml", head + "".join(f"{setting}\n" for setting in settings))
    folder.write("migrations/001_t.sql", "create table t (id int);\n")
    answer = folder.watari("guard", "--yes", "--", sys.executable, "-c", SLOW_TOOL)
    return answer.status, answer.err


def test_a_guarded_command_that_hurts_the_application_is_ended(folder: Folder, ask):
    settings = ("canary_sql = 'select id from app where id = 1'", "canary_every = 0.05", "canary_limit = 0.2")
    status, said = guarded(folder, *settings)
    assert status == 5 and "because the application suffers" in said and "canary_sql took" in said, said
    wait_until(lambda: ask("select count(*) from pg_locks where mode = 'AccessExclusiveLock'") == [(0,)])
    assert ask("select error like 'the application suffered: canary_sql took%' from watari.guarded") == [(True,)]
    listed = folder.watari("runs", "--json").document["runs"]
    assert [run["state"] for run in listed] == ["stopped"]


def test_a_guarded_command_is_ended_where_the_application_answers_badly_over_http(folder: Folder):
    with web(503) as url:
        status, said = guarded(folder, f'canary_url = "{url}"', "canary_every = 0.05")
    assert status == 5 and "status 503" in said, said
