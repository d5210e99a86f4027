"""The runner is cut off or killed at every message that it sends, for every kind of migration; the next start ends as if
nothing had happened: schema, data, history and journal equal those of a run that nobody disturbed."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from fixtures.proxy import FAULTS, Fault, Network
from fixtures.runs import Listed
from psycopg import sql

from faults.kinds import KINDS, SCHEMA
from planning.conftest import ALL_LARGE, migration, plan_of
from watari.catalog.fingerprint import fingerprint
from watari.evidence.run import Run, RunState, StepState
from watari.execution import runner
from watari.migrations import Migration
from watari.planning.canonical import dumps
from watari.planning.plan import Phase, Plan, Settle, Step, StepKind
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

_TOOL = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as own:
    own.execute("insert into ledger values ('tool')")
    own.execute("insert into listed values (%s)", [os.environ["MIGRATION"]])
"""
_OWN_TOOL = "the framework's own tool"
_SAMPLE = 40


@dataclass(frozen=True)
class Case:
    """One kind of migration, planned for the database that all of them begin from."""

    kind: str
    migrations: list[Migration]
    plan: Plan

    def run(self, url: DatabaseUrl) -> Run:
        framework = Listed(argv=(sys.executable, "-c", _TOOL), folder=Path("/"))
        return runner.run(
            self.plan, dumps(self.plan), url=url, framework=framework, migrations=self.migrations, policy=ALL_LARGE
        )


def case_of(kind: str, url: DatabaseUrl) -> Case:
    if kind == _OWN_TOOL:
        from fixtures.runs import plan_of as by_hand

        settle = Settle(kind="history_applied", relation="tool")
        step = Step(id="", phase=Phase.MIGRATE, kind=StepKind.COMMAND, migration="tool", settle=settle)
        return Case(kind, [migration("tool", None)], by_hand(step))
    migrations = [migration(f"{number:03d}", text) for number, text in enumerate(KINDS[kind])]
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        return Case(kind, migrations, plan_of(read_catalog(own), *migrations))


def state(url: DatabaseUrl) -> tuple[object, ...]:
    """Everything that a run leaves, but for times, numbers of tries and what is drawn at random."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        catalog = read_catalog(own)
        tables = [name for name, table in sorted(catalog.tables.items()) if table.kind.value in ("table", "partition")]
        rows = [(str(name), _rows(own, name.schema, name.name)) for name in tables]
        invalid = own.execute("select count(*) from pg_index where not indisvalid").fetchall()
        runs = own.execute("select count(*), max(state) from watari.run").fetchall()
        steps = own.execute(
            "select id, count(*) from watari.step where state = 'done' group by 1 order by 1"
        ).fetchall()
        return fingerprint(catalog), rows, invalid, runs, steps


def _rows(own: psycopg.Connection, schema: str, table: str) -> tuple[object, ...]:
    query = "select count(*), sum(hashtext((to_jsonb(t) - 'token')::text)::bigint) from {} t"
    return own.execute(sql.SQL(query).format(sql.Identifier(schema, table))).fetchone() or ()


@pytest.fixture(scope="module")
def template(server) -> Iterator[DatabaseUrl]:
    name = f"faults_{os.getpid()}"
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute(f"create database {name}")
        with psycopg.connect(**server.url(name).conninfo(), autocommit=True) as own:
            own.execute(SCHEMA.encode())
            own.execute("analyze")
        yield server.url(name)
        admin.execute(f"drop database {name} with (force)")


class Undisturbed:
    """What each kind leaves where nobody disturbs it, and how many messages it sends; found out once."""

    def __init__(self, template: DatabaseUrl, make: Callable[[str], DatabaseUrl]) -> None:
        self._template, self._make = template, make
        self._known: dict[str, tuple[Case, int, tuple[object, ...]]] = {}

    def __call__(self, kind: str) -> tuple[Case, int, tuple[object, ...]]:
        if kind not in self._known:
            case = case_of(kind, self._template)
            url = self._make(self._template.database)
            messages = Network(url).carry(case.run)
            with psycopg.connect(**url.conninfo()) as own:
                done = own.execute("select state from watari.run").fetchall()
            assert done == [("done",)], f"{kind} does not run at all"
            self._known[kind] = (case, messages, state(url))
        return self._known[kind]


@pytest.fixture(scope="module")
def undisturbed(template, lasting_database) -> Undisturbed:
    return Undisturbed(template, lasting_database)


def disturb(case: Case, url: DatabaseUrl, at: int, fault: Fault) -> None:
    """Runs the case through a network that fails, and then once more."""
    Network(url, at, fault).carry(case.run)
    run = case.run(url)
    assert run.state is RunState.DONE and all(step.state is StepState.DONE for step in run.steps)


def points(undisturbed: Undisturbed) -> list[tuple[str, int, Fault]]:
    """Every kind, every message of it, and one of the faults in turn."""
    found = []
    for number, kind in enumerate([*KINDS, _OWN_TOOL]):
        _, messages, _ = undisturbed(kind)
        found += [(kind, at, FAULTS[(number + at) % len(FAULTS)]) for at in range(messages)]
    return found


def check(drawn: list[tuple[str, int, Fault]], undisturbed: Undisturbed, make, template: DatabaseUrl) -> None:
    for kind, at, fault in drawn:
        case, messages, expected = undisturbed(kind)
        url = make(template.database)
        disturb(case, url, at, fault)
        assert state(url) == expected, f"{kind}: message {at} of {messages}: {fault.value}"


def test_there_are_more_than_thirty_kinds_and_five_hundred_points(undisturbed, capsys):
    found = points(undisturbed)
    with capsys.disabled():
        print(f"\n{len(found)} kill points in {len(KINDS) + 1} kinds of migration, {len(FAULTS)} faults in turn")
    assert len(KINDS) + 1 >= 30 and len(found) >= 500


def test_cut_off_or_killed_at_some_messages_it_ends_equal(undisturbed, new_database, template):
    drawn = random.Random(int(os.environ.get("WATARI_SEED", "20261127")))
    check(drawn.sample(points(undisturbed), _SAMPLE), undisturbed, new_database, template)


@pytest.mark.full
@pytest.mark.parametrize("kind", [*KINDS, _OWN_TOOL])
def test_cut_off_or_killed_at_every_message_it_ends_equal(kind, undisturbed, new_database, template):
    mine = [point for point in points(undisturbed) if point[0] == kind]
    check(mine, undisturbed, new_database, template)
