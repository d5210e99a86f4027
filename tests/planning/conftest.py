"""Plans on a real server: made from SQL, run by a small runner, and compared with the statements as written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import psycopg
import pytest
from psycopg import sql

from watari.catalog import Catalog
from watari.catalog.difference import Difference, difference
from watari.execution import journal
from watari.execution.backfill.aside import change_along
from watari.execution.journal import Entry
from watari.migrations import Migration
from watari.planning.plan import Plan, Step, StepKind
from watari.planning.planner import make_plan
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.risk.effects import predict
from watari.sql.statement import Script

#: Every table with a row is large.
ALL_LARGE = Policy(small_table_rows=0)


def migration(id: str, up: str | None, down: str | None = None, *, transactional: bool = True) -> Migration:
    return Migration(
        id=id,
        name=id,
        file=f"{id}.sql",
        up=None if up is None else Script(file=f"{id}.sql", data=up.encode()),
        down=None if down is None else Script(file=f"{id}.down.sql", data=down.encode()),
        transactional=transactional,
    )


def plan_of(catalog: Catalog, *migrations: Migration, policy: Policy = ALL_LARGE, database_exists: bool = True) -> Plan:
    return make_plan(
        migrations,
        statements_of=lambda each: each.up.statements if each.up else (),
        catalog=catalog,
        policy=policy,
        predict=predict,
        database=catalog.database,
        environment="default",
        framework="plain",
        fingerprint="",
        database_exists=database_exists,
    )


def run(connection: psycopg.Connection, steps: Sequence[Step]) -> None:
    """Each kind of step in the plainest way."""
    journal.ensure(connection)
    for step in steps:
        if step.kind is StepKind.TRANSACTION:
            copies = {copy.statement: copy.rows for copy in step.copies}
            with connection.transaction():
                for place, statement in enumerate(step.sql):
                    if place in copies:
                        with connection.cursor().copy(statement.encode()) as copy:
                            copy.write(copies[place])
                    else:
                        connection.execute(statement.encode())
        elif step.kind is StepKind.CONCURRENT:
            for statement in (*step.session, *step.sql):
                connection.execute(statement.encode())
        elif step.kind is StepKind.BACKFILL:
            backfill(connection, step)
        elif step.kind is not StepKind.PAUSE:
            raise AssertionError(step.kind)
        _note(connection, step)


def _note(connection: psycopg.Connection, step: Step) -> None:
    """What the runner writes down of what a step keeps and lets go."""
    entry = Entry(run="run", step=step, attempt=1)
    for kept in step.keeps:
        connection.execute(entry.keeps(kept))
    for kept in step.releases:
        connection.execute(entry.releases(kept))


def backfill(connection: psycopg.Connection, step: Step) -> None:
    work = step.backfill
    assert work is not None
    values = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL(value)) for column, value in work.assignments
    )
    table, where = sql.SQL(work.table), sql.SQL(work.where)
    if work.into:
        version = connection.info.server_version
        connection.execute(change_along(work, version, values=values, rows=sql.SQL("true"), where=where))
    elif work.delete:
        connection.execute(sql.SQL("delete from {} where {}").format(table, where))
    else:
        connection.execute(sql.SQL("update {} set {} where {}").format(table, values, where))
    if work.key:
        return
    left = sql.SQL("select count(*) from {} where {}").format(sql.SQL(work.table), sql.SQL(work.where))
    assert connection.execute(left).fetchone() == (0,)


def undo(connection: psycopg.Connection, steps: Sequence[Step]) -> None:
    """Everything back, as the plan itself says it."""
    for step in reversed(steps):
        assert step.undo is not None or step.back, step
        ready = [statement for back in step.back for statement in back.sql]
        for statement in ready if step.back else step.undo or ():
            connection.execute(statement.encode())
        for kept in step.keeps:
            connection.execute(Entry(run="run", step=step, attempt=1).releases(kept))


def in_no_order(catalog: Catalog) -> Catalog:
    """The catalog with the columns of each table by name: a column that was exchanged has moved to the end."""
    tables = {
        name: replace(
            table,
            columns=tuple(replace(c, position=0) for c in sorted(table.columns, key=lambda column: column.name)),
        )
        for name, table in catalog.tables.items()
    }
    return replace(catalog, tables=tables)


class Pair:
    """Two databases with the same content: one for the statements as written, one for the plan."""

    def __init__(self, written: psycopg.Connection, planned: psycopg.Connection) -> None:
        self.written = written
        self.planned = planned
        self.before = self.catalog()
        self.plan: Plan | None = None

    def catalog(self) -> Catalog:
        return read_catalog(self.planned)

    def cross(self, *statements: str, policy: Policy = ALL_LARGE) -> Plan:
        """Runs the statements as they are in one database and their plan in the other."""
        self.written.execute(";\n".join(statements).encode())
        self.plan = plan_of(self.before, migration("001", ";\n".join(statements)), policy=policy)
        run(self.planned, self.plan.steps)
        return self.plan

    def differences(self) -> tuple[Difference, ...]:
        """Where the two databases are not the same, the order of columns aside."""
        return difference(in_no_order(read_catalog(self.written)), in_no_order(self.catalog()))

    def back(self) -> tuple[Difference, ...]:
        """Takes the plan back by its own undo; what is not as it was before."""
        assert self.plan is not None
        undo(self.planned, self.plan.steps)
        return difference(in_no_order(self.before), in_no_order(self.catalog()))

    def rows(self, query: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        """What both databases answer."""
        return self.written.execute(query.encode()).fetchall(), self.planned.execute(query.encode()).fetchall()


MakePair = Callable[[str], Pair]


@pytest.fixture
def pair(new_database: Callable[..., DatabaseUrl]) -> Iterator[MakePair]:
    """Makes two databases from the same SQL."""
    opened: list[psycopg.Connection] = []

    def make(setup: str) -> Pair:
        for _ in range(2):
            connection = psycopg.connect(**new_database().conninfo(), autocommit=True)
            connection.execute(setup.encode())
            connection.execute("analyze")
            opened.append(connection)
        return Pair(*opened[-2:])

    yield make
    for connection in opened:
        connection.close()


def forms(plan: Plan) -> list[str | None]:
    """The safe form of each step."""
    return [step.rewritten for step in plan.steps]


def texts(plan: Plan) -> list[str]:
    """Every statement of the plan, in order."""
    return [statement for step in plan.steps for statement in step.sql]


def by_kind(plan: Plan) -> Mapping[str, int]:
    """How many steps of each kind the plan has."""
    kinds = [step.kind.value for step in plan.steps]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}
