"""A command of somebody else behind watari's patience."""

from __future__ import annotations

import sys

import psycopg
from fixtures.program import Folder

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


def test_a_command_that_gives_way_is_tried_again(folder: Folder, connection: psycopg.Connection) -> None:
    import threading

    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    folder.watari("apply", "--yes")
    held = threading.Event()

    def hold() -> None:
        with connection.transaction():
            connection.execute("select * from t")
            held.set()
            connection.execute("select pg_sleep(1.5)")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    answer = folder.watari("guard", "--yes", "--json", "--", sys.executable, "-c", SCRIPT)
    thread.join()
    assert answer.status == 0, answer.err
    assert answer.document["attempts"] > 1
    assert connection.execute("select count(*) from pg_attribute where attname = 'c'").fetchone() == (1,)


def test_a_command_that_fails_says_so_with_one(folder: Folder) -> None:
    folder.write("migrations/001_t.sql", "CREATE TABLE t (id int);\n")
    answer = folder.watari("guard", "--yes", "--", sys.executable, "-c", "raise SystemExit(7)")
    assert answer.status == 1
    assert "exit status 7" in answer.out
