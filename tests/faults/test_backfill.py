"""A backfill that is interrupted is continued by the same command, and nothing is switched before a query has proved it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fixtures.program import PROGRAM, Folder
from fixtures.runs import backfill, plan_of, transaction, wait_until

from watari.errors.stopped import BackfillUnproven
from watari.evidence.run import RunState

_ROWS = 30_000
_SWITCHED = "select attnotnull from pg_attribute where attrelid = 't'::regclass and attname = 'v'"
_SLOW = """
create sequence calls;
create table hurry (id int);
create function drawn() returns int language plpgsql volatile as $$ begin
  if nextval('calls') > 10000 and not exists (select from hurry) then perform pg_sleep(0.002); end if;
  return 7; end $$;
"""
_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'watari %'"


@pytest.fixture
def large(folder: Folder, connection: psycopg.Connection) -> Folder:
    connection.execute(_SLOW)
    connection.execute("create table t (id int primary key, n int not null)")
    connection.execute("insert into t select g, g from generate_series(1, %s) g", [_ROWS])
    connection.execute("analyze t")
    folder.write("migrations/001_drawn.sql", "alter table t add column v int not null default drawn();\n")
    folder.write(
        "watari.toml",
        '[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\nsmall_table_rows = 100\n',
    )
    return folder


@contextmanager
def half_way(folder: Folder, connection: psycopg.Connection, ask) -> Iterator[subprocess.Popen[str]]:
    """The command at work on the second part of the rows, which is slow."""
    try:
        with subprocess.Popen(
            [str(PROGRAM), "apply", "--yes"],
            cwd=folder.path,
            env={"PATH": "/usr/bin:/bin", **folder.environ, "WATARI_LANG": "en"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                wait_until(lambda: process.poll() is not None or _half_done(ask), seconds=60)
                assert process.poll() is None, process.communicate()[0]
                yield process
            finally:
                process.kill()
    finally:
        connection.execute("insert into hurry values (1)")


def _half_done(ask: Callable[..., list[tuple[object, ...]]]) -> bool:
    """Whether some rows have their value, and not all of them."""
    if ask("select to_regclass('watari.step')") == [(None,)]:
        return False
    half = "kind = 'backfill' and (checkpoint->>'rows')::int > 1000"
    return ask(f"select count(*) from watari.step where {half}") != [(0,)]  # noqa: S608


def lost(process: subprocess.Popen[str], ask: Callable[..., object]) -> None:
    ask(_SESSIONS)


INTERRUPTIONS = {
    "SIGKILL": lambda process, ask: process.send_signal(signal.SIGKILL),
    "SIGTERM": lambda process, ask: process.send_signal(signal.SIGTERM),
    "Ctrl-C": lambda process, ask: process.send_signal(signal.SIGINT),
    "a lost connection": lost,
}


@pytest.mark.parametrize("how", INTERRUPTIONS)
def test_it_is_continued_by_the_same_command_and_no_value_is_missing(how, large, connection, ask):
    with half_way(large, connection, ask) as process:
        INTERRUPTIONS[how](process, ask)
        said = process.communicate(timeout=60)[0]
    expected = {"SIGKILL": -9, "SIGTERM": 130, "Ctrl-C": 130, "a lost connection": 5}
    assert process.returncode == expected[how], said
    assert ask(_SWITCHED) == [(False,)], "nothing was switched"
    again = large.watari("apply", "--yes")
    assert again.status == 0, again.err
    assert ask(_SWITCHED) == [(True,)]
    assert ask("select count(*), count(*) filter (where v = 7) from t") == [(_ROWS, _ROWS)]
    assert ask("select count(*) from watari.run") == [(1,)]


def test_the_switch_is_refused_as_long_as_rows_lack_their_value(runs, connection, ask):
    """Something takes values away again; the proof finds it, says how many, and what comes after is not begun."""
    connection.execute(
        "create table t (id int primary key, n int, v bigint); insert into t select g, g from generate_series(1, 5000) g"
    )
    connection.execute(
        "create function stubborn() returns trigger language plpgsql as $$ begin new.v := null; return new; end $$; "
        "create trigger stubborn before update on t for each row when (old.id <= 3) execute function stubborn()"
    )
    switch = transaction("alter table t drop column n", "alter table t rename column v to n")
    plan = plan_of(backfill("public.t", "v", "n", "v is null"), switch)
    with pytest.raises(BackfillUnproven, match="3 rows of"):
        runs(plan)
    assert ask("select count(*) from t where n is not null") == [(5000,)], "the old column is untouched"
    connection.execute("drop trigger stubborn on t")
    assert runs(plan).state is RunState.DONE
    assert ask("select count(*) from t where n is distinct from id") == [(0,)]
