"""A command of somebody else behind watari's patience."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from fixtures.program import PROGRAM, Folder

from watari.project.url import DatabaseUrl

SCRIPT = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("alter table t add column c int")
"""


def test_a_command_finds_its_address_and_the_timeouts(folder: Folder) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    folder.watari("apply", "--yes")
    script = (
        'import os, psycopg; print(psycopg.connect(os.environ["DATABASE_URL"]).execute("show lock_timeout").fetchone())'
    )
    answer = folder.watari("guard", "--yes", "--", sys.executable, "-c", script)
    assert answer.status == 0, answer.err
    assert "50ms" in answer.err


def test_a_command_that_gives_way_is_tried_again(folder: Folder, database: DatabaseUrl) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    folder.watari("apply", "--yes")
    with psycopg.connect(**database.conninfo()) as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("select * from t")
        answer = pool.submit(folder.watari, "guard", "--yes", "--json", "--", sys.executable, "-c", SCRIPT)
        with psycopg.connect(**database.conninfo(), autocommit=True) as watcher:
            seen = 0
            while seen < 2 and not answer.done():  # until it has waited twice
                waiting = watcher.execute("select count(*) from pg_locks where not granted").fetchone()
                seen += waiting != (0,)
                time.sleep(0.06 if waiting != (0,) else 0.005)
        reader.rollback()
        done = answer.result()
    assert done.status == 0, done.err
    assert done.document["attempts"] > 1
    with psycopg.connect(**database.conninfo()) as after:
        assert after.execute("select count(*) from pg_attribute where attname = 'c'").fetchone() == (1,)


def test_a_command_that_fails_says_so_with_one(folder: Folder) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    answer = folder.watari("guard", "--yes", "--", sys.executable, "-c", "raise SystemExit(7)")
    assert answer.status == 1
    assert "exit status 7" in answer.out


PATIENT = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("set lock_timeout = 0")
    connection.execute("alter table t add column c int")
"""

SLOW = """
import os, psycopg
print("begins", flush=True)
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("set statement_timeout = 0")
    connection.execute("select pg_sleep(60)")
"""


def test_a_tool_that_would_wait_for_ever_is_cancelled_and_who_is_in_the_way_is_named(
    folder: Folder, database: DatabaseUrl
) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    folder.write(
        "watari.toml",
        '[environments.default]\nurl = "${DATABASE_URL}"\n[environments.default.policy]\nlock_budget = "1s"\n',
    )
    folder.watari("apply", "--yes")
    with psycopg.connect(**database.conninfo(), application_name="the shop") as reader:
        reader.execute("select * from t")
        answer = folder.watari("guard", "--yes", "--json", "--", sys.executable, "-c", PATIENT)
    assert answer.status == 1
    assert "with a lock_timeout of its own" in answer.err
    assert "the shop" in answer.err
    assert "the shop" in answer.document["blockers"][0]


def test_a_statement_beyond_its_budget_is_cancelled(folder: Folder) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    folder.write(
        "watari.toml",
        '[environments.default]\nurl = "${DATABASE_URL}"\n[environments.default.policy]\nstatement_timeout = "300ms"\n',
    )
    answer = folder.watari("guard", "--yes", "--json", "--", sys.executable, "-c", SLOW)
    assert answer.status == 1
    assert "it is cancelled" in answer.err
    assert answer.document["recording"]["statements"][-1]["error"]["code"] == "57014"


def test_what_a_command_sent_is_in_journal_log_and_answer(folder: Folder, database: DatabaseUrl) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    folder.watari("apply", "--yes")
    answer = folder.watari("guard", "--yes", "--", sys.executable, "-c", SCRIPT)
    assert answer.status == 0, answer.err
    assert "alter table t add column c int" in answer.out
    (log,) = (folder.path / ".watari/logs").glob("*guard.log")
    assert "alter table t add column c int" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0
    with psycopg.connect(**database.conninfo()) as after:
        row = after.execute("select exit_status, attempts, statements from watari.guarded").fetchone()
    assert row is not None and row[:2] == (0, 1)
    assert [each["tag"] for each in row[2]] == ["BEGIN", "ALTER TABLE", "COMMIT"]


def test_a_command_that_is_stopped_leaves_no_statement_running(folder: Folder, database: DatabaseUrl) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("WATARI_", "PG", "DATABASE_"))}
    command = [str(PROGRAM), "guard", "--yes", "--", sys.executable, "-c", SLOW]
    with psycopg.connect(**database.conninfo(), autocommit=True) as watcher:
        with subprocess.Popen(
            command, cwd=folder.path, env={**environ, **folder.environ}, stderr=subprocess.PIPE
        ) as ours:
            asleep = (
                "select count(*) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()"
            )
            while watcher.execute(asleep + " and state = 'active'").fetchone() != (1,):
                time.sleep(0.02)
            ours.send_signal(signal.SIGTERM)
            _, said = ours.communicate(timeout=60)
        assert ours.returncode == 130, said
        for _ in range(200):
            if watcher.execute(asleep + " and state = 'active'").fetchone() == (0,):
                break
            time.sleep(0.02)
        assert watcher.execute(asleep + " and state = 'active'").fetchone() == (0,)
        assert watcher.execute("select error from watari.guarded").fetchone() == ("interrupted",)


def test_a_command_that_goes_past_the_door_is_told(folder: Folder) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    answer = folder.watari("guard", "--yes", "--", sys.executable, "-c", "pass")
    assert answer.status == 0
    assert "no session of it came through the door" in answer.err
