"""One kind of migration as a plan, what it leaves, and what it leaves where nobody disturbs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from fixtures.proxy import Network
from fixtures.runs import Listed
from fixtures.runs import plan_of as plan_by_hand
from psycopg import sql

from faults.kinds import KINDS
from planning.conftest import ALL_LARGE, migration, plan_of
from watari.catalog import TableKind
from watari.catalog.fingerprint import fingerprint
from watari.evidence.run import Run
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
OWN_TOOL = "the framework's own tool"


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
    if kind == OWN_TOOL:
        settle = Settle(kind="history_applied", relation="tool")
        step = Step(id="", phase=Phase.MIGRATE, kind=StepKind.COMMAND, migration="tool", settle=settle)
        return Case(kind, [migration("tool", None)], plan_by_hand(step))
    migrations = [migration(f"{number:03d}", text) for number, text in enumerate(KINDS[kind])]
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        return Case(kind, migrations, plan_of(read_catalog(own), *migrations))


def state(url: DatabaseUrl) -> tuple[object, ...]:
    """Everything that a run leaves, but for times, numbers of tries and what is drawn at random."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        catalog = read_catalog(own)
        tables = [name for name, table in sorted(catalog.tables.items()) if table.kind is TableKind.TABLE]
        rows = [(str(name), _rows(own, name.schema, name.name)) for name in tables]
        invalid = own.execute("select count(*) from pg_index where not indisvalid").fetchall()
        runs = own.execute("select count(*), max(state) from watari.run").fetchall()
        steps = own.execute(
            "select id, count(*) from watari.step where state = 'done' group by 1 order by 1"
        ).fetchall()
        return fingerprint(catalog), rows, invalid, runs, steps, kept_in(own)


def kept_in(own: psycopg.Connection) -> list[tuple[object, ...]]:
    """What is kept, where, and how many rows of it are there."""
    kept = own.execute("select kind, object, relation::text, place from watari.kept order by 2").fetchall()
    counts = (own.execute(sql.SQL("select count(*) from {}").format(sql.SQL(row[2]))).fetchone() for row in kept)
    return [(*row, count) for row, count in zip(kept, counts, strict=True)]


def _rows(own: psycopg.Connection, schema: str, table: str) -> tuple[object, ...]:
    query = "select count(*), sum(hashtext((to_jsonb(t) - 'token')::text)::bigint) from {} t"
    return own.execute(sql.SQL(query).format(sql.Identifier(schema, table))).fetchone() or ()


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
