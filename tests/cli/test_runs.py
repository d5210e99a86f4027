"""`watari runs` shows every attempt, also of runs that only the database's own journal knows."""

from __future__ import annotations

import shutil
import signal
import subprocess

import psycopg
from fixtures.program import PROGRAM, Folder
from fixtures.runs import wait_until

from watari.project.url import DatabaseUrl


def test_a_run_that_was_killed_is_listed_and_its_attempts_are_shown(folder: Folder, connection, ask) -> None:
    connection.execute("create table go (id int)")
    slow = "do $$ begin if not exists (select from go) then perform pg_sleep(60); end if; end $$;\n"
    folder.write("migrations/001_slow.sql", f"create table a (id int);\n{slow}")
    environ = {"PATH": "/usr/bin:/bin", **folder.environ}
    with subprocess.Popen(
        [str(PROGRAM), "apply", "--yes"], cwd=folder.path, env=environ, stdin=subprocess.DEVNULL
    ) as own:
        wait_until(
            lambda: ask(
                "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()"
            )
        )
        own.send_signal(signal.SIGKILL)
    listed = folder.watari("runs", "--json")
    assert [run["state"] for run in listed.document["runs"]] == ["running"]
    ask("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'watari %'")
    connection.execute("insert into go values (1)")
    assert folder.watari("apply", "--yes").status == 0
    (run,) = folder.watari("runs", "--json").document["runs"]
    assert run["state"] == "done"
    assert [(start["number"], start["state"]) for start in run["starts"]] == [(1, "broken_off"), (2, "done")]
    shown = folder.watari("runs", "1").out
    assert "start 1  broken off" in shown and "start 2  done" in shown
    assert "1 回目の開始  強制終了または切断" in folder.watari("runs", "1", language="ja").out


def test_each_attempt_is_shown_with_who_was_in_the_way_and_why_it_failed(
    folder: Folder, database: DatabaseUrl, connection
) -> None:
    connection.execute("create table t (id int); insert into t values (1)")
    folder.write(
        "watari.toml",
        '[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\nlock_budget = 1.5\n',
    )
    folder.write("migrations/001_add.sql", "alter table t add column n int;\ninsert into missing values (1);\n")
    with psycopg.connect(**database.conninfo(), application_name="reporting") as other:
        other.execute("select * from t")
        assert folder.watari("apply", "--yes").status == 5
    assert folder.watari("apply", "--yes").status == 5
    connection.execute("create table missing (id int)")
    assert folder.watari("apply", "--yes").status == 0
    shown = folder.watari("runs", "1")
    assert "attempt 1  gave way" in shown.out and "reporting" in shown.out
    assert "failed" in shown.out and "missing" in shown.out and shown.out.rstrip().splitlines()[-1].count("done") == 1
    states = [each["state"] for each in folder.watari("runs", "1", "--json").document["steps"][0]["tries"]]
    assert states[0] == "gave_way" and states[-2:] == ["failed", "done"]
    japanese = folder.watari("runs", "1", language="ja").out
    assert "1 回目  譲った" in japanese and "アプリケーション reporting" in japanese
    in_the_way = folder.watari("runs", "1", "--json").document["steps"][0]["in_the_way"]
    assert (in_the_way[0]["application"], in_the_way[0]["mode"]) == ("reporting", "AccessShareLock")
    starts = folder.watari("runs", "1", "--json").document["starts"]
    assert [start["state"] for start in starts] == ["stopped", "stopped", "done"]
    assert "no lock within" in starts[0]["error"] and "missing" in starts[1]["error"]


def test_a_journal_of_the_version_before_is_read_and_brought_up_to_date(folder: Folder, connection, ask) -> None:
    folder.write("migrations/001_t.sql", "create table t (id int);\n")
    assert folder.watari("apply", "--yes").status == 0
    connection.execute(
        "drop table watari.start; alter table watari.step drop column in_the_way; update watari.journal set version = 3; "
        "update watari.step set attempt = 2; insert into watari.step (run, id, attempt, kind, state, started_at, ended_at, blockers) "
        "select run, id, 1, kind, 'gave_way', started_at, started_at, array['pid 7, user app'] from watari.step"
    )
    shutil.rmtree(folder.path / ".watari")
    assert "← pid 7, user app" in folder.watari("runs", "1").out
    folder.write("migrations/002_u.sql", "create table u (id int);\n")
    assert folder.watari("apply", "--yes").status == 0
    assert ask("select state from watari.start") == [("done",)]


def test_another_machine_knows_the_runs_too(folder: Folder, database: DatabaseUrl) -> None:
    folder.write("migrations/001_t.sql", "create table t (id int);\n")
    assert folder.watari("apply", "--yes").status == 0
    shutil.rmtree(folder.path / ".watari")
    (run,) = folder.watari("runs", "--json").document["runs"]
    assert run["state"] == "done" and run["migrations"] == ["001"]


def test_without_a_server_the_ledger_tells_what_it_knows(folder: Folder) -> None:
    folder.write("migrations/001_t.sql", "create table t (id int);\n")
    assert folder.watari("apply", "--yes").status == 0
    answer = folder.watari("runs", "--url", "postgresql://postgres@127.0.0.1:1/nowhere")
    assert answer.status == 0 and "was not read" in answer.err and "done" in answer.out
