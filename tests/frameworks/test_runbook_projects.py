"""The runbooks' own examples, read and applied statement by statement."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from fixtures.projects import PROJECTS, ProjectCopy
from fixtures.real_histories import PrismaCli

from watari.catalog.difference import difference
from watari.frameworks.framework import FrameworkSettings
from watari.frameworks.prisma import Prisma
from watari.frameworks.sql import Sql
from watari.migrations import ProblemKind, Standing, State
from watari.migrations.compare import compare
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl
from watari.sql.databases import creates_database

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_numbers = itertools.count(1)


def standing(framework: Sql | Prisma, connection: psycopg.Connection) -> Standing:
    rows, migrations = framework.history(connection), framework.migrations()
    return compare(migrations, rows, same_checksum=framework.same_checksum, more=framework.problems(migrations, rows))


def apply(framework: Sql | Prisma, connection: psycopg.Connection) -> None:
    for statement in framework.create_history():
        connection.execute(statement)
    for migration in standing(framework, connection).pending:
        assert migration.up is not None
        for part in migration.up.statements:
            if not creates_database([part], framework.settings.database):
                connection.execute(part.text)  # type: ignore[call-overload]
        for statement in framework.record(migration, NOW, NOW):
            connection.execute(statement)


def test_paypays_ten_concurrent_indexes_and_its_analyze_leave_prisma_content(
    project_copy: ProjectCopy,
    connection: psycopg.Connection,
    database: DatabaseUrl,
    new_database: Callable[..., DatabaseUrl],
    prisma_cli: PrismaCli,
) -> None:
    root = project_copy("paypay")
    framework = Prisma(FrameworkSettings(root=root, folder=root / "prisma" / "migrations", database="paypay_db"))
    assert len(framework.migrations()) == 12
    apply(framework, connection)
    indexes = connection.execute(
        "select count(*) from pg_index where indisvalid and indexrelid::regclass::text like 'idx_%'"
    ).fetchone()
    assert indexes == (10,)
    done = prisma_cli(root, database, "migrate", "status")
    assert (done.returncode, "up to date" in done.stdout) == (0, True), done.stdout + done.stderr
    model = prisma_cli(
        root, database, "migrate", "diff", "--from-empty", "--to-schema-datamodel", "prisma/schema.prisma", "--script"
    )
    assert model.returncode == 0, model.stdout + model.stderr
    with psycopg.connect(**new_database().conninfo(), autocommit=True) as modelled:
        modelled.execute(model.stdout)  # type: ignore[call-overload]
        leave_out = framework.history_tables()
        assert difference(read_catalog(modelled), read_catalog(connection, leave_out=leave_out)) == ()


def test_three_databases_go_from_nothing_to_the_last_version(project_copy: ProjectCopy, server: EmbeddedServer) -> None:
    number = f"{os.getpid()}_{next(_numbers)}"
    renamed = {name: f"{name}_{number}" for name in ("authdb", "apidb", "admindb")}
    root = project_copy("three_databases", databases=renamed)
    names = tuple(renamed.values())
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as maintenance:
        try:
            for name in names:
                sql = Sql(FrameworkSettings(root=root, folder=root / "db", database=name, databases=names))
                first = sql.migrations()[0].up
                assert first is not None and creates_database(first.statements, name)
                maintenance.execute(f'create database "{name}"')  # type: ignore[call-overload]
                with psycopg.connect(**server.url(name).conninfo(), autocommit=True) as connection:
                    apply(sql, connection)
                    assert standing(sql, connection).state is State.UP_TO_DATE
            with psycopg.connect(**server.url(renamed["admindb"]).conninfo()) as connection:
                query = "select value->>'version' from system_settings where key = 'schema_version'"
                assert connection.execute(query).fetchone() == ("1.3.0",)
            with psycopg.connect(**server.url(renamed["apidb"]).conninfo()) as connection:
                query = "select data_type from information_schema.columns where column_name = 'birth_date'"
                assert connection.execute(query).fetchone() == ("date",)
                rows = connection.execute("select id from watari.history order by 1").fetchall()
                assert rows == [("001",), ("init",)]
        finally:
            for name in names:
                maintenance.execute(f'drop database if exists "{name}" with (force)')  # type: ignore[call-overload]


def test_the_runbooks_file_for_two_databases_at_once_is_refused_with_the_way_out(
    project_copy: ProjectCopy, connection: psycopg.Connection
) -> None:
    root = project_copy("three_databases")
    wrong = Path("db/migrations/001_add_birth_date.sql")
    shutil.copy(PROJECTS / "three_databases_as_written" / wrong, root / wrong)
    settings = FrameworkSettings(
        root=root, folder=root / "db", database="apidb", databases=("authdb", "apidb", "admindb")
    )
    found = standing(Sql(settings), connection)
    assert found.state is State.PROBLEM
    (problem,) = [p for p in found.problems if p.kind is ProblemKind.UNREADABLE]
    assert "L9 apidb.profiles" in str(problem.message) and "L12 admindb.system_settings" in str(problem.message)
