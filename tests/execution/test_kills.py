"""The process is killed at any message that it sends to the server; the next start ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.runs import Listed, Runs, backfill, exclusive, index, plan_of, transaction

from watari.catalog.fingerprint import fingerprint
from watari.evidence.run import RunState, StepState
from watari.execution import wire
from watari.planning.plan import Phase, Plan, Settle, Step, StepKind
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

_TOOL = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as own:
    own.execute("insert into ledger values ('tool')")
    own.execute("insert into listed values (%s)", [os.environ["MIGRATION"]])
"""


def mixed() -> Plan:
    """Every kind of step, with statements that must not be done twice."""
    quick = [transaction(f"create table q{n} (id int)", migration=f"q{n}", waits_for_locks=False) for n in range(5)]
    settle = Settle(kind="history_applied", relation="tool")
    tool = Step(id="", phase=Phase.MIGRATE, kind=StepKind.COMMAND, migration="tool", settle=settle)
    return plan_of(
        transaction(
            "insert into ledger values ('first')",
            "alter table t add column filled int",
            migration="a",
            effects=(exclusive("public.t"),),
        ),
        backfill("public.t", "filled", "n", "filled is null", migration="a"),
        transaction(
            "alter table t alter filled set not null", migration="a", effects=(exclusive("public.t", scan=True),)
        ),
        backfill("public.counted", "n", "n + 1", "n > 0", migration="a", key=("a", "b")),
        index("t_n", "create index concurrently t_n on t (n)", migration="b"),
        index("t_u", "create unique index concurrently t_u on t (filled)", migration="c"),
        transaction(
            "alter table t add constraint t_u unique using index t_u", migration="c", effects=(exclusive("public.t"),)
        ),
        *quick,
        tool,
        transaction(
            "insert into ledger values ('last')", "drop table gone", migration="z", effects=(exclusive("public.gone"),)
        ),
    )


@pytest.fixture(scope="module")
def template(server) -> Iterator[str]:
    name = f"kills_{os.getpid()}"
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute(f"create database {name}")
        with psycopg.connect(**server.url(name).conninfo(), autocommit=True) as own:
            own.execute(
                "create table t (id int primary key, n int); create table ledger (entry text); create table gone (id int); "
                "create table counted (a int, b text, n int, primary key (a, b))"
            )
            own.execute("insert into counted select g % 20, 'k' || g, g % 3 from generate_series(1, 5000) g")
            own.execute("insert into t select g, g from generate_series(1, 5000) g")
        yield name
        admin.execute(f"drop database {name} with (force)")


def runs_on(url: DatabaseUrl) -> Runs:
    runs = Runs(url)
    runs.framework = Listed(argv=(sys.executable, "-c", _TOOL), folder=Path("/"))
    return runs


def in_a_child(url: DatabaseUrl, plan: Plan, killed_at: int | None) -> int:
    """Runs the plan in a child that kills itself at the given message; how many messages were sent comes out otherwise."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            count = _count_messages(killed_at)
            runs_on(url)(plan)
            os.write(writing, str(count()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return int(said or 0)


def _count_messages(killed_at: int | None) -> Callable[[], int]:
    """Counts what is sent; each message is a point before it goes and a point before its answer is read."""
    sent = 0

    def point() -> None:
        nonlocal sent
        if sent == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)
        sent += 1

    execute, first_answer = psycopg.Connection.execute, wire._next_result

    def counted_execute(self, *arguments, **fields):
        point()
        answer = execute(self, *arguments, **fields)
        point()
        return answer

    def counted_answer(pgconn, looks):
        point()
        return first_answer(pgconn, looks)

    psycopg.Connection.execute = counted_execute
    wire._next_result = counted_answer
    return lambda: sent


def state(url: DatabaseUrl) -> tuple[object, ...]:
    """Everything that a run leaves, but for times and numbers of tries."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        ledger = own.execute("select entry, count(*) from ledger group by 1 order by 1").fetchall()
        rows = own.execute("select count(*), count(filled), sum(filled) from t").fetchone()
        counted = own.execute("select n, count(*) from counted group by 1 order by 1").fetchall()
        listed = own.execute("select id from listed order by id").fetchall()
        invalid = own.execute("select count(*) from pg_index where not indisvalid").fetchone()
        runs = own.execute("select count(*), max(state) from watari.run").fetchone()
        steps = own.execute(
            "select id, count(*) from watari.step where state = 'done' group by 1 order by 1"
        ).fetchall()
        return fingerprint(read_catalog(own)), ledger, rows, counted, listed, invalid, runs, steps


@pytest.fixture(scope="module")
def undisturbed(template, server) -> Iterator[tuple[int, tuple[object, ...]]]:
    """How many points there are, and what a run leaves that nobody killed."""
    name = f"{template}_undisturbed"
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute(f"create database {name} template {template}")
        yield in_a_child(server.url(name), mixed(), None), state(server.url(name))
        admin.execute(f"drop database {name} with (force)")


def kill_and_resume(url: DatabaseUrl, point: int) -> tuple[object, ...]:
    plan = mixed()
    in_a_child(url, plan, point)
    run = runs_on(url)(plan)
    assert run.state is RunState.DONE and all(step.state is StepState.DONE for step in run.steps)
    return state(url)


def test_killed_at_some_points_it_ends_equal(undisturbed, new_database, template):
    points, expected = undisturbed
    assert points > 100
    drawn = random.Random(20261121)
    for point in sorted(drawn.sample(range(points), 10)):
        assert kill_and_resume(new_database(template), point) == expected, f"killed at point {point} of {points}"


@pytest.mark.full
def test_killed_at_every_point_it_ends_equal(undisturbed, new_database, template):
    points, expected = undisturbed
    for point in range(points):
        assert kill_and_resume(new_database(template), point) == expected, f"killed at point {point} of {points}"


def test_killed_again_and_again_it_ends_equal(undisturbed, database, new_database, template):
    _, expected = undisturbed
    url = new_database(template)
    drawn = random.Random(3)
    for _ in range(6):
        in_a_child(url, mixed(), drawn.randrange(20, 60))
    runs_on(url)(mixed())
    assert state(url) == expected
