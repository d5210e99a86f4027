"""Small databases and plans for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from watari.evidence.effect import Effect
from watari.evidence.observation import Observation
from watari.evidence.run import Direction
from watari.planning.plan import Phase, Plan, Step, StepKind
from watari.postgres.observation import observe
from watari.postgres.reader import read_catalog
from watari.verification.expectation import Expectation
from watari.verification.verdict import Verdict, VerdictState
from watari.verification.verify import verify

#: Runbook 001: users, roles and tasks, with a foreign key that nobody validated and rows that break it.
SHOP = """
create table roles (id serial primary key, name text not null);
create table users (id serial primary key, email text not null unique, role_id int);
create table tasks (id serial primary key, user_id int not null references users (id) on delete cascade, title text);
create index idx_tasks_title on tasks (title);
insert into roles (name) values ('admin'), ('member');
insert into users (email, role_id) select 'u' || g, 1 from generate_series(1, 100) g;
insert into tasks (user_id, title) select g, 't' || g from generate_series(1, 50) g;
"""


def plan(
    *sql: str,
    expected: Iterable[tuple[str, str, str]] = (),
    relations: Iterable[str] = (),
    direction: Direction = Direction.FORWARD,
    kind: StepKind = StepKind.TRANSACTION,
    migrations: tuple[str, ...] = ("001",),
) -> Plan:
    """A plan of one step."""
    effects = tuple(Effect(relation=relation) for relation in relations)
    step = Step(id="0001.1", phase=Phase.EXPAND, kind=kind, migration="001", sql=sql, effects=effects)
    return Plan(
        sha256="0" * 64, version=1, database="d", environment="e", framework="sql", direction=direction,
        fingerprint="", server_version=180000, migrations=migrations, steps=(step,), expected=tuple(expected),
    )  # fmt: skip


def look(connection: psycopg.Connection, **more: object) -> Observation:
    """What is there now."""
    return observe(connection, read_catalog(connection), **more)  # type: ignore[arg-type]


def told(expectation: Expectation, observation: Observation) -> dict[str, list[tuple[str, str]]]:
    """What did not simply pass, by check: (state, object)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for verdict in verify(expectation, observation):
        if verdict.state in (VerdictState.FAIL, VerdictState.WARN):
            found.setdefault(verdict.name, []).append((verdict.state.value, verdict.object))
    return found


def of(verdicts: Iterable[Verdict], name: str) -> list[Verdict]:
    """The verdicts of one check."""
    return [verdict for verdict in verdicts if verdict.name == name]
