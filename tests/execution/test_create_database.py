"""Databases that a plan makes, its own among them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from fixtures.runs import Runs, plan_of, transaction

from watari.errors.stopped import StatementFailed
from watari.evidence.run import RunState
from watari.planning.plan import Phase, Settle, Step, StepKind


def create(name: str, statement: str | None = None) -> Step:
    return Step(
        id="",
        phase=Phase.EXPAND,
        kind=StepKind.CREATE_DATABASE,
        migration="init",
        sql=(statement or f"create database {name}",),
        settle=Settle(kind="database_exists", relation=name),
    )


@pytest.fixture
def names(server) -> Iterator[tuple[str, str]]:
    both = ("made_first", "made_second")
    yield both
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        for name in both:
            admin.execute(f"drop database if exists {name} with (force)")


def test_the_plans_own_database_is_made_before_its_journal(server, names):
    runs = Runs(server.url(names[0]))
    plan = plan_of(create(names[0]), transaction("create table a (id int)", migration="init"))
    assert runs(plan).state is RunState.DONE
    assert runs(plan).state is RunState.DONE
    with psycopg.connect(**server.url(names[0]).conninfo()) as own:
        assert own.execute("select state, count(*) from watari.step group by 1").fetchall() == [("done", 2)]


def test_another_database_is_made_once(runs, server, names):
    plan = plan_of(create(names[1]), transaction("select 1 / 0", migration="two"))
    for _ in range(2):
        with pytest.raises(StatementFailed):
            runs(plan)
    with psycopg.connect(**server.url().conninfo()) as admin:
        assert admin.execute("select count(*) from pg_database where datname = %s", [names[1]]).fetchone() == (1,)


def test_a_database_that_cannot_be_made_is_the_servers_reason(runs, names):
    with pytest.raises(StatementFailed, match="template"):
        runs(plan_of(create(names[1], f"create database {names[1]} template no_such_template")))
