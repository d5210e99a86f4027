"""A command of somebody else behind watari's patience."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
from fixtures.program import Folder

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
