"""What is left of a guarded command: the list of runs, one run, and its report in every form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from fixtures.program import PROGRAM, Folder

from watari.project.url import DatabaseUrl

FILLS = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("alter table t add column c int")
    connection.execute("insert into t values (1, %s)", ["4711"])
    connection.commit()
    connection.execute("select nothing from nowhere")
"""
SLOW = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    connection.execute("set statement_timeout = 0")
    print("begins", flush=True)
    connection.execute("select pg_sleep(60)")
"""


@pytest.fixture
def table(folder: Folder) -> Folder:
    """A project whose table t is there."""
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    assert folder.watari("apply", "--yes").status == 0
    return folder


def test_a_guarded_command_stands_among_the_runs(table: Folder) -> None:
    answer = table.watari("guard", "--yes", "--", sys.executable, "-c", FILLS)
    assert answer.status == 1, answer.err
    runs = table.watari("runs", "--json").document["runs"]
    guarded = runs[0]
    assert (guarded["direction"], guarded["state"], guarded["error"]) == ("guarded", "stopped", "exit status 1")
    assert guarded["command"][-1] == FILLS
    shown = table.watari("runs", "1")
    assert "guard" in shown.out and "alter table t add column c int" in shown.out


def test_its_report_tells_every_statement_and_no_value(table: Folder) -> None:
    answer = table.watari("guard", "--yes", "--", sys.executable, "-c", FILLS)
    file = Path(next(line for line in answer.out.splitlines() if line.startswith("report: ")).removeprefix("report: "))
    page = (table.path / file).read_text()
    assert "alter table t add column c int" in page
    assert "42P01" in page and "nowhere" in page
    assert "insert into t values (1, $1)" in page
    assert "The command did not go through" in page
    told = json.loads(table.watari("report", "--json", file.stem).out)
    recorded = told["report"]["recording"]["statements"]
    assert [each["ending"] for each in recorded if each["sql"].startswith("alter")] == ["committed"]
    assert "4711" not in json.dumps(recorded)
    japanese = table.watari("--lang", "ja", "report", file.stem, "-o", "-")
    assert "コマンドは正常終了していません" in japanese.out


def test_no_password_of_its_words_or_statements_is_kept(table: Folder, database: DatabaseUrl) -> None:
    script = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as c: c.execute(\"create role guarded_r password 'hush4711'\"); c.rollback()"
    )
    answer = table.watari("guard", "--yes", "--", sys.executable, "-c", script, "postgresql://me:hush4711@nowhere/d")
    assert answer.status == 0, answer.err
    with psycopg.connect(**database.conninfo()) as connection:
        kept = connection.execute("select command::text || statements::text from watari.guarded").fetchone()
    assert kept is not None and "create role guarded_r" in kept[0] and "hush4711" not in kept[0]
    assert "hush4711" not in table.watari("runs", "1").out + table.watari("report", "-o", "-").out


def test_a_guarded_command_that_was_killed_is_no_longer_said_to_run(table: Folder, database: DatabaseUrl) -> None:
    command = [str(PROGRAM), "guard", "--yes", "--", sys.executable, "-c", SLOW]
    asleep = "from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()"
    with psycopg.connect(**database.conninfo(), autocommit=True) as watcher:
        with subprocess.Popen(command, cwd=table.path, env={**os.environ, **table.environ}) as ours:
            while watcher.execute(f"select count(*) {asleep}").fetchone() != (1,):
                time.sleep(0.02)
            ours.kill()
        watcher.execute(f"select pg_terminate_backend(pid, 10000) {asleep}")
    assert table.watari("guard", "--yes", "--", sys.executable, "-c", "pass").status == 0
    states = [(run["direction"], run["state"], run["error"]) for run in table.watari("runs", "--json").document["runs"]]
    assert states[:2] == [("guarded", "done", None), ("guarded", "stopped", "broken off")]
