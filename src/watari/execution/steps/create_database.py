"""A step that makes a database: on the server's maintenance database, since nobody can be in it yet."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg

from watari.errors.reach import ReachError
from watari.execution.execution import Execution
from watari.execution.failure import stopped
from watari.execution.finish import finish
from watari.execution.journal import Entry
from watari.execution.queries import load
from watari.execution.settling import Settled, settle
from watari.execution.wire import encoded, send
from watari.planning.plan import Plan, Step, StepKind
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl

_MAINTENANCE = ("postgres", "template1")


def execute(step: Step, execution: Execution) -> None:
    """Makes the database where it is missing; raises `StatementFailed` or a `ReachError`."""
    left = execution.left_behind(step)
    entry = Entry(run=execution.run, step=step, attempt=left.number) if left else execution.entry(step)
    if not left:
        execution.session.work.execute(entry.intend())
    if settle(step.settle, execution) is not Settled.HAPPENED:
        with maintenance(execution.url) as connection:
            failure = _make(step, connection)
        if failure:
            condition = stopped(failure, run=execution.run, step=step, statement=step.sql[0])
            execution.session.work.execute(entry.settled("failed", error=str(condition)))
            raise condition
    finish(step, execution, entry.settled("done"))


def make_first(plan: Plan, url: DatabaseUrl) -> None:
    """Makes the plan's own database, which has no journal before it exists; the step settles itself afterwards."""
    for step in plan.steps:
        if step.kind is StepKind.CREATE_DATABASE and step.settle and step.settle.relation == url.database:
            with maintenance(url) as connection:
                there = connection.execute(load("database_there"), [url.database]).fetchone()
                if not (there and there[0]) and (failure := _make(step, connection)):
                    raise stopped(failure, run="-", step=step, statement=step.sql[0])


@contextlib.contextmanager
def maintenance(url: DatabaseUrl) -> Iterator[psycopg.Connection]:
    """A connection to a database of the server that is always there; raises a `ReachError`."""
    refused: ReachError | None = None
    for database in _MAINTENANCE:
        try:
            connection = connect(url.of_database(database), purpose="maintenance")
        except ReachError as failure:
            refused = refused or failure
            continue
        with connection:
            yield connection
        return
    if refused:
        raise refused


def _make(step: Step, connection: psycopg.Connection) -> psycopg.Error | None:
    for statement in step.sql:
        failure = send(connection, encoded([statement], connection)).failure
        # somebody else was faster: it is there, which is all that was asked
        if failure and not isinstance(failure, psycopg.errors.DuplicateDatabase):
            return failure
    return None
