"""Tablespaces, databases and subscriptions: what refuses a transaction and is made completely or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.runs import plan_of, transaction

from watari.errors.stopped import StatementFailed
from watari.evidence.run import RunState
from watari.planning.plan import Phase, Settle, Step, StepKind

THERE = {
    "tablespace": "select oid from pg_tablespace where spcname = %s",
    "database": "select oid from pg_database where datname = %s",
    "subscription": "select oid from pg_subscription where subname = %s",
}


@pytest.fixture(params=THERE)
def kind(request) -> str:
    return request.param


@pytest.fixture
def name(kind, connection) -> Iterator[str]:
    """A name of its own for what belongs to the whole server; what is left of it goes."""
    own = f"watari_{kind}_{os.getpid()}"
    yield own
    if connection.execute(THERE[kind].encode(), [own]).fetchone():
        connection.execute(f"drop {kind} {own}".encode())


@pytest.fixture
def statement(kind, name, server) -> Iterator[str]:
    """The statement that makes it."""
    if kind == "tablespace":
        place = Path(tempfile.mkdtemp(prefix="watari-test-"))
        shutil.chown(place, server.data.stat().st_uid, server.data.stat().st_gid)
        yield f"create tablespace {name} location '{place}'"
        shutil.rmtree(place, ignore_errors=True)
    elif kind == "database":
        yield f"create database {name}"
    else:
        yield f"create subscription {name} connection 'dbname=nowhere' publication p with (connect = false, slot_name = none)"


def alone(statement: str, question: str, kind: str, name: str) -> Step:
    settle = Settle(kind=question, relation=name, table=kind)
    fields = {"phase": Phase.EXPAND, "kind": StepKind.CONCURRENT, "migration": "001"}
    return Step(id="", sql=(statement,), settle=settle, **fields)


def cut_off(runs, connection: psycopg.Connection, step: Step, after: Callable[[], None] | None = None):
    """The step happened, the process was killed before its row said so, and `after` that; the next start ends the run."""
    connection.execute("create table if not exists go (id int)")
    plan = plan_of(step, transaction("select 1 / (select count(*) from go)", migration="002"))
    with pytest.raises(StatementFailed):
        runs(plan)
    connection.execute("update watari.step set state = 'intended' where id = '0001.1'")
    connection.execute("delete from listed; insert into go values (1)")
    if after:
        after()
    return runs(plan)


def test_what_was_made_while_nobody_watched_is_seen_and_not_made_twice(runs, ask, connection, kind, name, statement):
    run = cut_off(runs, connection, alone(statement, "object_exists", kind, name))
    assert run.state is RunState.DONE and run.steps[0].attempts == 1
    assert len(ask(THERE[kind], name)) == 1 and ask("select count(*) from listed") == [(2,)]


def test_what_was_not_made_before_the_end_is_made_by_the_next_start(runs, ask, connection, kind, name, statement):
    gone = lambda: connection.execute(f"drop {kind} {name}".encode())  # noqa: E731
    run = cut_off(runs, connection, alone(statement, "object_exists", kind, name), gone)
    assert run.state is RunState.DONE and run.steps[0].attempts == 2
    assert len(ask(THERE[kind], name)) == 1


def test_what_was_dropped_while_nobody_watched_is_not_dropped_twice(runs, ask, connection, kind, name, statement):
    connection.execute(statement.encode())
    run = cut_off(runs, connection, alone(f"drop {kind} {name}", "object_absent", kind, name))
    assert run.state is RunState.DONE and run.steps[0].attempts == 1
    assert ask(THERE[kind], name) == []


def test_what_was_not_dropped_before_the_end_is_dropped_by_the_next_start(runs, ask, connection, kind, name, statement):
    connection.execute(statement.encode())
    again = lambda: connection.execute(statement.encode())  # noqa: E731
    run = cut_off(runs, connection, alone(f"drop {kind} {name}", "object_absent", kind, name), again)
    assert run.state is RunState.DONE and run.steps[0].attempts == 2
    assert ask(THERE[kind], name) == []


def test_a_subscription_of_another_database_does_not_count(runs, ask, connection, new_database, server):
    """Names of subscriptions are a database's own; the catalog is the whole server's."""
    name = f"watari_elsewhere_{os.getpid()}"
    made = (
        f"create subscription {name} connection 'dbname=nowhere' publication p with (connect = false, slot_name = none)"
    )
    other = new_database()
    with psycopg.connect(**other.conninfo(), autocommit=True) as own:
        own.execute(made.encode())
        try:
            runs(plan_of(alone(made, "object_exists", "subscription", name)))
            assert len(ask(THERE["subscription"], name)) == 2
        finally:
            own.execute(f"drop subscription {name}".encode())
            connection.execute(f"drop subscription if exists {name}".encode())
