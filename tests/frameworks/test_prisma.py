"""Prisma: its folders, its history and its checksum rule, beside Prisma's own command line and LiteLLM's 220 migrations."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from fixtures.real_histories import History, PrismaCli

from watari.errors.usage import FrameworkFolder, HistoryShape
from watari.frameworks.framework import FrameworkSettings
from watari.frameworks.prisma import Prisma
from watari.locale import Language
from watari.migrations import HistoryRow, Migration, ProblemKind, RowState, Standing, State
from watari.migrations.compare import compare
from watari.project.url import DatabaseUrl

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SCHEMA = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'


def small_project(root: Path, scripts: dict[str, str | bytes]) -> Path:
    """A Prisma project with these migrations; its folder of migrations."""
    folder = root / "prisma" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "prisma" / "schema.prisma").write_text(SCHEMA)
    (folder / "migration_lock.toml").write_text('provider = "postgresql"\n')
    for name, script in scripts.items():
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "migration.sql").write_bytes(script.encode() if isinstance(script, str) else script)
    return folder


def prisma(folder: Path, **more: object) -> Prisma:
    root = folder.parents[1]
    return Prisma(FrameworkSettings(root=root, folder=folder, database="app", **more))  # type: ignore[arg-type]


def standing(framework: Prisma, connection: psycopg.Connection) -> Standing:
    rows, migrations = framework.history(connection), framework.migrations()
    return compare(migrations, rows, same_checksum=framework.same_checksum, more=framework.problems(migrations, rows))


def run_all(connection: psycopg.Connection, statements: Iterable[psycopg.sql.Composable]) -> None:
    for statement in statements:
        connection.execute(statement)


def apply(framework: Prisma, connection: psycopg.Connection, migrations: Iterable[Migration]) -> None:
    run_all(connection, framework.create_history())
    for migration in migrations:
        assert migration.up is not None
        connection.execute(migration.up.data)
        run_all(connection, framework.record(migration, NOW, NOW))


TWO: dict[str, str | bytes] = {
    "20250101000000_init": "create table a (id int);\n",
    "20250102000000_next": "create table b (id int);\n",
}

# -- reading --------------------------------------------------------------------------------------------------------------


def test_every_migration_of_litellm_is_read_in_prismas_order(prisma_project: History) -> None:
    migrations = prisma(prisma_project.folder).migrations()
    assert len(migrations) == 220
    assert [m.id for m in migrations] == sorted(m.id for m in migrations)
    spaced = next(m for m in migrations if " " in m.id)
    assert spaced.file == f"prisma/migrations/{spaced.id}/migration.sql"
    assert spaced.checksum == sha256((prisma_project.root / spaced.file).read_bytes()).hexdigest()


def test_a_down_script_beside_the_migration_is_the_way_down(tmp_path: Path) -> None:
    folder = small_project(tmp_path, TWO)
    (folder / "20250102000000_next" / "down.sql").write_text("drop table b;")
    first, second = prisma(folder).migrations()
    assert first.down is None and second.down is not None
    assert second.down.file == "prisma/migrations/20250102000000_next/down.sql"


def test_a_folder_without_script_stops_as_prisma_stops(
    tmp_path: Path, connection: psycopg.Connection, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    folder = small_project(tmp_path, TWO)
    (folder / "20250103000000_empty").mkdir()
    (problem,) = standing(prisma(folder), connection).problems
    assert problem.stops and "20250103000000_empty" in str(problem.message)
    done = prisma_cli(tmp_path, database, "migrate", "deploy")
    assert done.returncode == 1 and "P3015" in done.stderr + done.stdout


def test_migrations_for_another_server_are_refused(tmp_path: Path) -> None:
    folder = small_project(tmp_path, TWO)
    (folder / "migration_lock.toml").write_text('# comment\nprovider = "mysql"\n')
    with pytest.raises(FrameworkFolder, match='provider "mysql"'):
        prisma(folder).migrations()


@pytest.mark.parametrize("start", [".", "prisma", "prisma/migrations"])
def test_a_prisma_project_is_recognised_from_any_of_its_folders(tmp_path: Path, start: str) -> None:
    folder = small_project(tmp_path, TWO)
    found = Prisma.detect(tmp_path / start)
    assert found is not None and found.folder == folder and found.why.endswith("migration_lock.toml")
    shutil.rmtree(folder)
    assert Prisma.detect(tmp_path / start) is None


# -- the checksum ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [b"select 1;\nselect 2;\n", b"select 1;\r\nselect 2;\r\n", b"select 1;\nselect 2;\r\n"]
)
def test_the_kind_of_line_ends_is_no_edit_and_everything_else_is(tmp_path: Path, text: bytes) -> None:
    folder = small_project(tmp_path, {"1_a": text})
    framework = prisma(folder)
    (migration,) = framework.migrations()
    unix = b"select 1;\nselect 2;\n"
    for accepted in (text, unix, unix.replace(b"\n", b"\r\n")):
        row = HistoryRow(id="1_a", name="1_a", checksum=sha256(accepted).hexdigest())
        assert framework.same_checksum(migration, row)
    edited = HistoryRow(id="1_a", name="1_a", checksum=sha256(unix + b"\n").hexdigest())
    assert not framework.same_checksum(migration, edited)


def test_an_old_checksum_without_leading_zeros_is_accepted(tmp_path: Path) -> None:
    framework = prisma(small_project(tmp_path, {"1_a": "select 1;"}))
    (migration,) = framework.migrations()
    old = "".join(f"{byte:x}" for byte in sha256(b"select 1;").digest())
    assert framework.same_checksum(migration, HistoryRow(id="1_a", name="1_a", checksum=old))


def test_an_edit_that_prisma_does_not_notice_is_told(
    tmp_path: Path, connection: psycopg.Connection, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    folder = small_project(tmp_path, TWO)
    assert prisma_cli(tmp_path, database, "migrate", "deploy").returncode == 0
    (folder / "20250101000000_init" / "migration.sql").write_text("create table a (id bigint);\n")
    assert prisma_cli(tmp_path, database, "migrate", "status").returncode == 0
    assert [p.kind for p in standing(prisma(folder), connection).problems] == [ProblemKind.EDITED]


# -- the history, beside Prisma's own -------------------------------------------------------------------------------------


def columns(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select column_name, data_type, character_maximum_length, is_nullable, column_default, ordinal_position"
        " from information_schema.columns where table_name = '_prisma_migrations' order by ordinal_position"
    ).fetchall()


def test_the_table_and_its_rows_are_as_prisma_makes_them(
    tmp_path: Path, new_database: Callable[..., DatabaseUrl], prisma_cli: PrismaCli
) -> None:
    framework = prisma(small_project(tmp_path, TWO))
    theirs, ours = new_database(), new_database()
    assert prisma_cli(tmp_path, theirs, "migrate", "deploy").returncode == 0
    query = (
        "select migration_name, checksum, logs, rolled_back_at, applied_steps_count, length(id), substr(id, 15, 1),"
        " finished_at is not null from _prisma_migrations order by started_at, migration_name"
    )
    with psycopg.connect(**theirs.conninfo(), autocommit=True) as made, psycopg.connect(**ours.conninfo()) as own:
        apply(framework, own, framework.migrations())
        run_all(own, framework.create_history())
        assert columns(own) == columns(made)
        assert own.execute(query).fetchall() == made.execute(query).fetchall()
        constraint = (
            "select conname, contype from pg_constraint where conrelid = '_prisma_migrations'::regclass order by 1"
        )
        assert own.execute(constraint).fetchall() == made.execute(constraint).fetchall()


def test_prisma_agrees_when_watari_has_recorded_all_220(
    prisma_project: History, connection: psycopg.Connection, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    framework = prisma(prisma_project.folder)
    apply(framework, connection, framework.migrations())
    done = prisma_cli(prisma_project.root, database, "migrate", "status")
    assert (done.returncode, "Database schema is up to date!" in done.stdout) == (0, True), done.stdout + done.stderr
    assert standing(framework, connection).state is State.UP_TO_DATE


def test_watari_sees_what_prisma_applied_to_the_middle_of_its_history(
    prisma_project: History,
    connection: psycopg.Connection,
    database: DatabaseUrl,
    prisma_cli: PrismaCli,
    tmp_path: Path,
) -> None:
    later = tmp_path / "later"
    later.mkdir()
    names = sorted(path.name for path in prisma_project.folder.iterdir() if path.is_dir())
    for name in names[60:]:
        (prisma_project.folder / name).rename(later / name)
    done = prisma_cli(prisma_project.root, database, "migrate", "deploy")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in names[60:]:
        (later / name).rename(prisma_project.folder / name)
    found = standing(prisma(prisma_project.folder), connection)
    assert [row.id for row in found.applied] == names[:60] and found.problems == ()
    assert [m.id for m in found.pending] == names[60:]


def test_a_migration_that_failed_under_prisma_is_told_with_both_ways_out(
    tmp_path: Path, connection: psycopg.Connection, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    folder = small_project(tmp_path, {**TWO, "20250103000000_bad": "create table c (id int);\nselect 1/0;\n"})
    framework = prisma(folder)
    assert prisma_cli(tmp_path, database, "migrate", "deploy").returncode == 1
    found = standing(framework, connection)
    (problem,) = found.problems
    assert (problem.kind, problem.migration, problem.stops) == (ProblemKind.FAILED, "20250103000000_bad", True)
    for sentence in (str(problem.message), problem.message.render(Language.JA)):
        assert "--rolled-back" in sentence and "--applied" in sentence and "division by zero" in sentence
    assert "neither takes anything back" in str(problem.message)
    bad = "20250103000000_bad"
    assert prisma_cli(tmp_path, database, "migrate", "resolve", "--rolled-back", bad).returncode == 0
    found = standing(framework, connection)
    assert [m.id for m in found.pending] == [bad] and found.problems == ()
    assert [row.state for row in framework.history(connection)].count(RowState.ROLLED_BACK) == 1


def test_a_failed_migration_resolved_as_applied_is_applied(
    tmp_path: Path, connection: psycopg.Connection, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    framework = prisma(small_project(tmp_path, {"1_bad": "select 1/0;\n"}))
    assert prisma_cli(tmp_path, database, "migrate", "deploy").returncode == 1
    assert prisma_cli(tmp_path, database, "migrate", "resolve", "--applied", "1_bad").returncode == 0
    assert standing(framework, connection).state is State.UP_TO_DATE


def test_what_watari_forgets_is_pending_for_prisma_and_can_be_applied_again(
    tmp_path: Path, connection: psycopg.Connection, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    framework = prisma(small_project(tmp_path, TWO))
    assert prisma_cli(tmp_path, database, "migrate", "deploy").returncode == 0
    connection.execute("drop table b")
    run_all(connection, framework.forget(framework.migrations()[1]))
    assert [m.id for m in standing(framework, connection).pending] == ["20250102000000_next"]
    status = prisma_cli(tmp_path, database, "migrate", "status")
    assert status.returncode == 1 and "20250102000000_next" in status.stdout
    assert prisma_cli(tmp_path, database, "migrate", "deploy").returncode == 0
    assert prisma_cli(tmp_path, database, "migrate", "status").returncode == 0
    assert standing(framework, connection).state is State.UP_TO_DATE


def test_objects_without_a_history_stop_watari_as_they_stop_prisma(
    tmp_path: Path, connection: psycopg.Connection, database: DatabaseUrl, prisma_cli: PrismaCli
) -> None:
    framework = prisma(small_project(tmp_path, TWO))
    connection.execute("create table a (id int)")
    (problem,) = standing(framework, connection).problems
    assert (problem.kind, problem.stops) == (ProblemKind.BASELINE, True)
    assert "resolve --applied" in str(problem.message)
    done = prisma_cli(tmp_path, database, "migrate", "deploy")
    assert done.returncode == 1 and "P3005" in done.stderr + done.stdout
    assert prisma_cli(tmp_path, database, "migrate", "resolve", "--applied", "20250101000000_init").returncode == 0
    found = standing(framework, connection)
    assert found.problems == () and [m.id for m in found.pending] == ["20250102000000_next"]


def test_the_history_stands_in_the_schema_of_the_address(tmp_path: Path, connection: psycopg.Connection) -> None:
    framework = prisma(small_project(tmp_path, TWO), schema="app")
    connection.execute("create table public.unrelated (id int)")
    assert standing(framework, connection).problems == ()
    run_all(connection, framework.create_history())
    run_all(connection, framework.record(framework.migrations()[0], NOW, NOW))
    assert framework.history_tables() == ("app._prisma_migrations",)
    assert [row.id for row in framework.history(connection)] == ["20250101000000_init"]
    assert connection.execute("select to_regclass('public._prisma_migrations')").fetchone() == (None,)


def test_a_table_of_that_name_with_another_shape_is_refused(tmp_path: Path, connection: psycopg.Connection) -> None:
    connection.execute("create table _prisma_migrations (id int primary key, name text)")
    with pytest.raises(HistoryShape, match=r'public\._prisma_migrations" is not the history of Prisma'):
        prisma(small_project(tmp_path, TWO)).history(connection)
