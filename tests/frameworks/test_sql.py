"""Plain SQL folders: layouts, order, sections, several databases, and watari's own history."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from watari.errors.usage import FrameworkFolder, HistoryElsewhere, HistoryShape
from watari.frameworks.framework import FrameworkSettings
from watari.frameworks.sql import Sql
from watari.locale import Language
from watari.migrations import HistoryRow, Migration, ProblemKind, Standing
from watari.migrations.compare import compare

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
THREE = ("authdb", "apidb", "admindb")


def project(root: Path, files: dict[str, str | bytes], **more: object) -> Sql:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    settings = {"root": root, "folder": root / "db", "database": "app"} | more
    return Sql(FrameworkSettings(**settings))  # type: ignore[arg-type]


def ids(sql: Sql) -> list[str]:
    return [migration.id for migration in sql.migrations()]


def texts(migration: Migration) -> list[str]:
    assert migration.up is not None
    return [statement.text for statement in migration.up.statements]


def standing(sql: Sql, connection: psycopg.Connection) -> Standing:
    migrations, rows = sql.migrations(), sql.history(connection)
    return compare(migrations, rows, same_checksum=sql.same_checksum, more=sql.problems(migrations, rows))


def applied(sql: Sql, connection: psycopg.Connection, *chosen: str) -> None:
    for statement in sql.create_history():
        connection.execute(statement)
    for migration in sql.migrations():
        if not chosen or migration.id in chosen:
            for statement in sql.record(migration, NOW, NOW):
                connection.execute(statement)


def test_files_are_ordered_by_their_numbers_and_not_by_their_letters(tmp_path: Path) -> None:
    sql = project(tmp_path, {f"db/{n}.sql": "select 1;" for n in ("10_z", "2_b", "001_a", "2_1_c", "V3__d")})
    assert ids(sql) == ["001", "2", "2_1", "3", "10"]
    assert sql.migrations()[0].name == "001_a"


def test_dotted_versions_are_ordered_as_versions(tmp_path: Path) -> None:
    names = ("03.10.00_01_pre_x", "03.09.00_50_post_y", "03.10.00_50_post_z", "00.05.00_01_first")
    sql = project(tmp_path, {f"db/{n}.sql": "select 1;" for n in names})
    assert [m.name for m in sql.migrations()] == [names[3], names[1], names[0], names[2]]


def test_a_number_that_begins_a_word_is_no_part_of_the_version(tmp_path: Path) -> None:
    assert ids(project(tmp_path, {"db/001_2fa_tokens.sql": "select 1;"})) == ["001"]


def test_pairs_of_files_go_up_and_down(tmp_path: Path) -> None:
    files = {"db/001_a.up.sql": "create table a();", "db/001_a.down.sql": "drop table a;", "db/002_b.sql": "select 2;"}
    first, second = project(tmp_path, files).migrations()
    assert first.down is not None and first.down.data == b"drop table a;" and first.down.file == "db/001_a.down.sql"
    assert first.file == "db/001_a.up.sql" and second.down is None


@pytest.mark.parametrize(
    ("content", "transactional"),
    [
        ("-- migrate:up\ncreate table a();\n\n-- migrate:down\ndrop table a;\n", True),
        ("-- migrate:up transaction:false\ncreate table a();\n\n-- migrate:down\ndrop table a;\n", False),
        ("-- +goose Up\ncreate table a();\n\n-- +goose Down\ndrop table a;\n", True),
        ("-- +goose NO TRANSACTION\n-- +goose Up\ncreate table a();\n-- +goose Down\ndrop table a;\n", False),
        ("-- +migrate Up\ncreate table a();\n\n-- +migrate Down\ndrop table a;\n", True),
        ("-- Up Migration\ncreate table a();\n\n-- Down Migration\ndrop table a;\n", True),
        ("-- Down Migration\ndrop table a;\n-- Up Migration\ncreate table a();\n", True),
        ("create table a();\n\n--//@UNDO\ndrop table a;\n", True),
        ("create table a();\n---- create above / drop below ----\ndrop table a;\n", True),
        ("-- Up Migration\r\ncreate table a();\r\n-- Down Migration\r\ndrop table a;\r\n", True),
    ],
)
def test_sections_of_one_file_go_up_and_down(tmp_path: Path, content: str, transactional: bool) -> None:
    (migration,) = project(tmp_path, {"db/001_a.sql": content}).migrations()
    assert texts(migration) == ["create table a()"]
    assert migration.down is not None and [s.text for s in migration.down.statements] == ["drop table a"]
    assert migration.transactional is transactional
    lines = content.splitlines()
    assert migration.up is not None and lines[migration.up.statements[0].line - 1].startswith("create")
    assert lines[migration.down.statements[0].line - 1].startswith("drop")


def test_an_ordinary_comment_is_no_section(tmp_path: Path) -> None:
    content = "-- Down migration is not needed here\ncreate table a();\n-- up migration: none\ncreate table b();"
    (migration,) = project(tmp_path, {"db/001_a.sql": content}).migrations()
    assert texts(migration) == ["create table a()", "create table b()"] and migration.down is None


def test_what_stands_before_the_first_section_would_never_run(tmp_path: Path) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "-- fine\ncreate table lost();\n-- migrate:up\nselect 1;\n"})
    (problem,) = sql.problems(sql.migrations(), ())
    assert problem.kind is ProblemKind.UNREADABLE
    assert "line 2 stands before the first section" in str(problem.message)


def test_a_second_up_section_is_not_dropped_silently(tmp_path: Path) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "-- migrate:up\nselect 1;\n-- migrate:up\nselect 2;\n"})
    (problem,) = sql.problems(sql.migrations(), ())
    assert "line 3" in str(problem.message)


def test_two_files_with_one_number_are_told_with_both_names(tmp_path: Path, connection: psycopg.Connection) -> None:
    sql = project(tmp_path, {"db/002_a.sql": "select 1;", "db/002_b.sql": "select 2;"})
    (problem,) = standing(sql, connection).problems
    assert problem.kind is ProblemKind.DUPLICATE
    assert "db/002_a.sql" in str(problem.message) and "db/002_b.sql" in str(problem.message)


def test_one_number_written_in_two_ways_is_a_duplicate_too(tmp_path: Path, connection: psycopg.Connection) -> None:
    sql = project(tmp_path, {"db/2_a.sql": "select 1;", "db/002_b.sql": "select 2;"})
    assert [p.kind for p in standing(sql, connection).problems] == [ProblemKind.DUPLICATE]


def test_a_file_without_a_number_among_numbered_ones_is_a_problem(tmp_path: Path) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;", "db/fix.sql": "select 2;", "db/schema.sql": "select 3;"})
    assert ids(sql) == ["001", "fix"]
    (problem,) = sql.problems(sql.migrations(), ())
    assert (problem.migration, problem.kind) == ("fix", ProblemKind.UNREADABLE)


def test_files_without_any_number_are_run_by_name(tmp_path: Path) -> None:
    sql = project(tmp_path, {"db/b10.sql": "select 1;", "db/b9.sql": "select 2;", "db/init.sql": "select 0;"})
    assert ids(sql) == ["init", "b9", "b10"]
    assert sql.problems(sql.migrations(), ()) == ()


def test_a_down_file_alone_is_a_problem(tmp_path: Path) -> None:
    sql = project(tmp_path, {"db/001_a.down.sql": "drop table a;"})
    (problem,) = sql.problems(sql.migrations(), ())
    assert "001_a.up.sql" in str(problem.message)


def test_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FrameworkFolder, match="no such folder"):
        project(tmp_path, {}).migrations()


# -- included files -------------------------------------------------------------------------------------------------------


def test_included_files_are_read_relative_to_the_script_and_to_the_project(tmp_path: Path) -> None:
    files = {
        "db/001_a.sql": "\\ir parts/one.sql\n\\i db/two.sql\n",
        "db/parts/one.sql": "\\ir deeper.sql\nselect 1;",
        "db/parts/deeper.sql": "select 0;",
        "db/two.sql": "select 2;",
    }
    sql = project(tmp_path, {**files, "db/schema.sql": ""})
    migration = sql.migrations()[0]
    assert texts(migration) == ["select 0", "select 1", "select 2"]


def test_an_edited_included_file_is_an_edited_migration(tmp_path: Path, connection: psycopg.Connection) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "\\ir parts/one.sql\n", "db/parts/one.sql": "select 1;"})
    applied(sql, connection)
    (tmp_path / "db/parts/one.sql").write_text("select 2;")
    assert [p.kind for p in standing(sql, connection).problems] == [ProblemKind.EDITED]


@pytest.mark.parametrize("path", ["../../outside.sql", "/etc/passwd", "link.sql"])
def test_no_file_outside_the_project_is_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.sql").write_text("select 'secret';")
    root = tmp_path / "project"
    sql = project(root, {"db/001_a.sql": f"select 1;\n\\ir {path}\n"})
    (root / "db/link.sql").symlink_to(tmp_path / "outside.sql")
    migration = sql.migrations()[0]
    assert migration.up is not None and dict(migration.up.includes) == {}
    problem = sql.problems(sql.migrations(), ())[0]
    assert problem.kind is ProblemKind.UNREADABLE
    assert 'line 2 of "db/001_a.sql"' in str(problem.message) and path in str(problem.message)


# -- several databases ----------------------------------------------------------------------------------------------------

INIT = """CREATE ROLE reporting;
CREATE DATABASE authdb;
CREATE DATABASE apidb;
\\c authdb;
CREATE TABLE users (id int);
\\connect apidb
CREATE TABLE profiles (id int);
"""


def several(root: Path, database: str, files: dict[str, str]) -> Sql:
    return project(root, dict(files), database=database, databases=THREE)


def test_each_database_gets_its_part_of_one_script(tmp_path: Path) -> None:
    (auth,) = several(tmp_path, "authdb", {"db/init.sql": INIT}).migrations()
    assert texts(auth) == ["CREATE ROLE reporting", "CREATE DATABASE authdb", "CREATE TABLE users (id int)"]
    (api,) = several(tmp_path, "apidb", {"db/init.sql": INIT}).migrations()
    assert texts(api) == ["CREATE DATABASE apidb", "CREATE TABLE profiles (id int)"]
    assert several(tmp_path, "admindb", {"db/init.sql": INIT}).migrations() == ()


def test_an_edit_for_one_database_leaves_the_others_alone(tmp_path: Path, connection: psycopg.Connection) -> None:
    applied(several(tmp_path, "authdb", {"db/init.sql": INIT}), connection)
    edited = INIT.replace("profiles (id int)", "profiles (id int, name text)")
    assert standing(several(tmp_path, "authdb", {"db/init.sql": edited}), connection).problems == ()
    edited = INIT.replace("users (id int)", "users (id int, name text)")
    (problem,) = standing(several(tmp_path, "authdb", {"db/init.sql": edited}), connection).problems
    assert problem.kind is ProblemKind.EDITED


def test_migrations_below_an_init_script_belong_to_the_databases_they_name(tmp_path: Path) -> None:
    files = {
        "db/init.sql": INIT,
        "db/migrations/001_birth_date.sql": "\\c apidb\nALTER TABLE profiles ADD COLUMN birth_date date;\n",
        "db/migrations/002_version.sql": "-- watari: database admindb, apidb\nSELECT 1;\n",
    }
    assert ids(several(tmp_path, "authdb", files)) == ["init"]
    api = several(tmp_path, "apidb", files).migrations()
    assert [(m.id, m.database) for m in api] == [("init", None), ("001", "apidb"), ("002", None)]
    assert ids(several(tmp_path, "admindb", files)) == ["002"]


def test_a_file_for_nobody_says_how_to_name_its_database(tmp_path: Path) -> None:
    sql = several(tmp_path, "apidb", {"db/001_a.sql": "create table a();"})
    (problem,) = sql.problems(sql.migrations(), ())
    assert problem.kind is ProblemKind.UNREADABLE
    assert "\\c NAME" in str(problem.message) and "authdb, apidb, admindb" in str(problem.message)


def test_a_database_taken_for_a_schema_is_named_with_the_way_out(tmp_path: Path) -> None:
    wrong = (
        "BEGIN;\n\nALTER TABLE apidb.profiles ADD COLUMN IF NOT EXISTS birth_date DATE;\n\n"
        "UPDATE admindb.system_settings SET value = '{}' WHERE key = 'schema_version';\n\nCOMMIT;\n"
    )
    sql = several(tmp_path, "apidb", {"db/001_add_birth_date.sql": wrong})
    (problem,) = sql.problems(sql.migrations(), ())
    assert problem.kind is ProblemKind.UNREADABLE and problem.stops
    english, japanese = str(problem.message), problem.message.render(Language.JA)
    for told in ("apidb.profiles", "admindb.system_settings", "L3", "L5", "\\c apidb", "BEGIN"):
        assert told in english and told in japanese


def test_a_file_for_a_database_that_nobody_knows_is_a_problem(tmp_path: Path) -> None:
    sql = several(tmp_path, "apidb", {"db/001_a.sql": "\\c shopdb\nselect 1;"})
    (problem,) = sql.problems(sql.migrations(), ())
    assert "shopdb" in str(problem.message)


def test_a_project_with_one_database_needs_no_name(tmp_path: Path) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "create table a();"}, databases=("app",))
    assert sql.problems(sql.migrations(), ()) == () and ids(sql) == ["001"]


# -- history --------------------------------------------------------------------------------------------------------------


def test_the_history_remembers_what_was_applied_and_forgets_it(tmp_path: Path, connection: psycopg.Connection) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;", "db/002_b.sql": "select 2;"})
    assert sql.history(connection) == ()
    applied(sql, connection, "001")
    applied(sql, connection, "002")
    first, second = sql.history(connection)
    assert (first.id, first.name, first.applied_at) == ("001", "001_a", NOW)
    assert standing(sql, connection).pending == ()
    for statement in sql.forget(sql.migrations()[1]):
        connection.execute(statement)
    assert [m.id for m in standing(sql, connection).pending] == ["002"]
    assert second.checksum == sql.migrations()[1].checksum


def test_the_checksum_is_the_sha256_of_the_file_whatever_its_line_ends(
    tmp_path: Path, connection: psycopg.Connection
) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;\nselect 2;\n"})
    applied(sql, connection)
    (tmp_path / "db/001_a.sql").write_bytes(b"select 1;\r\nselect 2;\r\n")
    assert standing(sql, connection).problems == ()
    (tmp_path / "db/001_a.sql").write_bytes(b"select 1;\nselect 3;\n")
    assert [p.kind for p in standing(sql, connection).problems] == [ProblemKind.EDITED]


def test_editing_only_the_way_down_is_no_edit(tmp_path: Path, connection: psycopg.Connection) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;\n"})
    applied(sql, connection)
    (tmp_path / "db/001_a.sql").write_text("-- migrate:up\nselect 1;\n-- migrate:down\nselect 3;\n")
    assert standing(sql, connection).problems == ()


def test_a_renamed_file_keeps_its_number_and_stays_applied(tmp_path: Path, connection: psycopg.Connection) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;"})
    applied(sql, connection)
    (tmp_path / "db/001_a.sql").rename(tmp_path / "db/001_better_name.sql")
    assert standing(sql, connection).pending == () and standing(sql, connection).problems == ()


def test_a_table_of_that_name_that_is_no_history_is_refused(tmp_path: Path, connection: psycopg.Connection) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;"}, history_table="public.past")
    connection.execute("create table public.past (id text, name text, checksum text, applied_at date)")
    with pytest.raises(HistoryShape, match=r'public\.past.*"applied_at" is date'):
        sql.history(connection)
    connection.execute("drop table public.past; create table public.past (ID int)")
    with pytest.raises(HistoryShape, match='"id" is integer'):
        sql.history(connection)


@pytest.mark.parametrize(
    ("table", "tool"),
    [
        (
            "create table schema_migrations (version varchar primary key); insert into schema_migrations values ('001')",
            "dbmate",
        ),
        ("create table goose_db_version (version_id bigint); insert into goose_db_version values (0), (1)", "goose"),
        (
            "create table pgmigrations (id serial, name text); insert into pgmigrations (name) values ('001_a')",
            "node-pg",
        ),
    ],
)
def test_a_history_that_another_tool_keeps_is_not_overlooked(
    tmp_path: Path, connection: psycopg.Connection, table: str, tool: str
) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;", "db/002_b.sql": "select 2;"})
    connection.execute(table)  # type: ignore[call-overload]
    with pytest.raises(HistoryElsewhere, match=tool) as refused:
        sql.history(connection)
    assert refused.value.advice is not None
    taking_over = str(refused.value.advice).partition("once: ")[2]
    connection.execute(taking_over)  # type: ignore[call-overload]
    assert [m.id for m in standing(sql, connection).pending] == ["002"]
    assert standing(sql, connection).problems == ()


def test_another_tools_table_about_other_files_is_none_of_our_business(
    tmp_path: Path, connection: psycopg.Connection
) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;"})
    connection.execute(
        "create table schema_migrations (version varchar); insert into schema_migrations values ('20250101')"
    )
    assert sql.history(connection) == ()


# -- detection ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        (["db/migrations/001_a.sql"], "db/migrations"),
        (["migrations/001_a.up.sql", "migrations/001_a.down.sql", "sql/1_report.sql"], "migrations"),
        (["db/init.sql", "db/migrations/001_a.sql"], "db"),
        (["001_a.sql"], "."),
        (["backend/db/migrate/20250101120000_a.sql"], "backend/db/migrate"),
    ],
)
def test_a_folder_of_sql_files_is_recognised(tmp_path: Path, files: list[str], folder: str) -> None:
    project(tmp_path, dict.fromkeys(files, "select 1;"))
    found = Sql.detect(tmp_path)
    assert found is not None and found.folder == tmp_path / folder
    assert found.why.endswith(".sql")


def test_the_databases_of_an_init_script_are_detected(tmp_path: Path) -> None:
    project(tmp_path, {"db/init.sql": INIT})
    found = Sql.detect(tmp_path)
    assert found is not None and found.databases == ("authdb", "apidb")


def test_a_project_without_sql_files_is_not_recognised(tmp_path: Path) -> None:
    project(tmp_path, {"node_modules/x/001_a.sql": "select 1;", "README.md": "", "queries/report.sql": "select 1;"})
    assert Sql.detect(tmp_path) is None


def test_a_history_row_taken_over_without_checksum_is_accepted(tmp_path: Path) -> None:
    sql = project(tmp_path, {"db/001_a.sql": "select 1;"})
    (migration,) = sql.migrations()
    assert sql.same_checksum(migration, HistoryRow(id="001", name="001"))
