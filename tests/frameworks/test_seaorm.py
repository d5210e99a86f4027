"""SeaORM: what the crate lists, what the table holds, and what SeaORM itself would refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from fixtures.projects import ProjectCopy

from watari.errors.usage import FrameworkFolder, HistoryShape
from watari.frameworks.framework import FrameworkSettings
from watari.frameworks.rust import without_comments
from watari.frameworks.seaorm import SeaOrm
from watari.locale import Language
from watari.migrations import ProblemKind, Standing
from watari.migrations.compare import compare
from watari.sql.statement import Statement

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
LISTED = [
    "m20250511_073638_create_task_table",
    "m20250612_000001_create_users_table",
    "m20250612_000002_create_roles",
    "m20250613_000001_add_role_to_users",
    "m20250614_000001_index_tasks_status",
]


def seaorm(crate: Path, **more: object) -> SeaOrm:
    return SeaOrm(FrameworkSettings(root=crate.parent, folder=crate, database="app", **more))  # type: ignore[arg-type]


def crate(root: Path, library: str, **files: str) -> Path:
    folder = root / "migration"
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text('[dependencies]\nsea-orm-migration = "1.1"\n')
    (folder / "src" / "lib.rs").write_text(library)
    for name, source in files.items():
        path = folder / "src" / f"{name.replace('__', '/')}.rs"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    return folder


def listing(*entries: str) -> str:
    return "fn migrations() -> Vec<Box<dyn MigrationTrait>> { vec![ " + ", ".join(entries) + " ] }"


def standing(framework: SeaOrm, connection: psycopg.Connection) -> Standing:
    rows, migrations = framework.history(connection), framework.migrations()
    return compare(migrations, rows, same_checksum=framework.same_checksum, more=framework.problems(migrations, rows))


# -- the crate ------------------------------------------------------------------------------------------------------------


def test_migrations_come_in_the_order_of_the_list_by_the_names_of_the_history(project_copy: ProjectCopy) -> None:
    migrations = seaorm(project_copy("seaorm_tasks") / "migration").migrations()
    assert [m.id for m in migrations] == LISTED
    assert migrations[2].file == "migration/src/m20250612_000002_create_roles_table.rs"
    assert [m.transactional for m in migrations] == [True, True, True, True, False]
    assert all(m.up is None and "Rust" in (m.unrendered or "") for m in migrations)


def test_a_list_is_never_sorted_and_its_comments_do_not_count(tmp_path: Path) -> None:
    library = "// fn migrations() { vec![Box::new(wrong::Migration)] }\n" + listing(
        "Box::new(m2::Migration)", "/* Box::new(m9::Migration), /* nested */ */ Box::new(m1::Migration)", ""
    )
    folder = crate(tmp_path, library, m1="", m2="", m9="")
    assert [m.id for m in seaorm(folder).migrations()] == ["m2", "m1"]


@pytest.mark.parametrize(
    ("entry", "file"),
    [
        ("Box::new(m1::Migration)", "m1"),
        ("Box::new(crate::m1::Migration {})", "m1"),
        ("Box::new(migrations::m1::Migration::default())", "migrations__m1"),
        ("Box::<m1::Migration>::default()", "m1"),
        ('#[cfg(feature = "x, y")] Box::new(m1::Migration)', "m1"),
    ],
)
def test_entries_are_understood_as_rust_writes_them(tmp_path: Path, entry: str, file: str) -> None:
    framework = seaorm(crate(tmp_path, listing(entry, "Box::new(m2::Migration)"), **{file: "", "m2": ""}))
    assert [m.id for m in framework.migrations()] == ["m1", "m2"]
    assert [p for p in framework.problems(framework.migrations(), ()) if p.stops] == []


def test_a_module_with_a_path_of_its_own_is_found(tmp_path: Path) -> None:
    library = '#[path = "elsewhere.rs"]\nmod m1;\n' + listing("Box::new(m1::Migration)")
    assert seaorm(crate(tmp_path, library, elsewhere="")).migrations()[0].id == "elsewhere"


def test_an_entry_without_a_file_and_a_file_without_an_entry_are_told(tmp_path: Path) -> None:
    folder = crate(tmp_path, listing("Box::new(m1::Migration)"), m20250101_000000_forgotten="")
    framework = seaorm(folder)
    found = {p.migration: str(p.message) for p in framework.problems(framework.migrations(), ())}
    assert "m1::Migration" in found["m1"]
    assert "never runs it" in found["m20250101_000000_forgotten"]


@pytest.mark.parametrize("library", ["pub struct Migrator;", "fn migrations() -> Vec<X> { all() }"])
def test_a_crate_whose_list_cannot_be_read_is_one_sentence(tmp_path: Path, library: str) -> None:
    with pytest.raises(FrameworkFolder, match=r"vec!\[\]"):
        seaorm(crate(tmp_path, library)).migrations()


def test_a_folder_that_is_no_crate_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(FrameworkFolder, match="sea-orm-migration"):
        seaorm(tmp_path).migrations()


def test_comments_are_taken_out_and_texts_are_left_alone() -> None:
    source = 'let a = "// no comment"; // one\nlet b = r#"/* "none" */"#; /* two\nlines */ let c = \'"\'; // x'
    assert without_comments(source).split("\n") == [
        'let a = "// no comment";  ',
        'let b = r#"/* "none" */"#; ',
        " let c = '\"';  ",
    ]


@pytest.mark.parametrize("start", [".", "migration", "migration/src"])
def test_a_crate_is_recognised_from_any_of_its_folders(tmp_path: Path, start: str) -> None:
    folder = crate(tmp_path, listing())
    found = SeaOrm.detect(tmp_path / start)
    assert found is not None and found.folder == folder
    (folder / "Cargo.toml").write_text('[dependencies]\nserde = "1"\n')
    assert SeaOrm.detect(tmp_path / start) is None


# -- the history ----------------------------------------------------------------------------------------------------------


def test_the_runbooks_database_is_told_as_it_is(project_copy: ProjectCopy, connection: psycopg.Connection) -> None:
    root = project_copy("seaorm_tasks")
    connection.execute((root / "state.sql").read_text())  # type: ignore[call-overload]
    found = standing(seaorm(root / "migration"), connection)
    assert [row.id for row in found.applied] == [LISTED[2]]
    assert found.applied[0].applied_at == datetime(2025, 6, 12, tzinfo=UTC)
    assert [m.id for m in found.pending] == [LISTED[0], LISTED[1], LISTED[3], LISTED[4]]
    there = {p.migration: p for p in found.problems if p.kind is ProblemKind.HALF_APPLIED}
    assert set(there) == {LISTED[0], LISTED[1]}
    told = str(there[LISTED[1]].message)
    assert '"users", "idx_users_email"' in told and ".if_not_exists()" in told
    assert ".if_not_exists()" in there[LISTED[1]].message.render(Language.JA)


def test_the_row_that_is_proposed_for_objects_that_are_there_makes_the_migration_applied(
    project_copy: ProjectCopy, connection: psycopg.Connection
) -> None:
    root = project_copy("seaorm_tasks")
    connection.execute((root / "state.sql").read_text())  # type: ignore[call-overload]
    framework = seaorm(root / "migration")
    for problem in standing(framework, connection).problems:
        if problem.kind is ProblemKind.HALF_APPLIED:
            connection.execute(problem.message.fields["sql"])  # type: ignore[call-overload]
    found = standing(framework, connection)
    assert {row.id for row in found.applied} == set(LISTED[:3])
    assert all(p.kind is not ProblemKind.HALF_APPLIED for p in found.problems)


def test_a_row_that_the_crate_does_not_list_halts_as_in_seaorm(
    project_copy: ProjectCopy, connection: psycopg.Connection
) -> None:
    framework = seaorm(project_copy("seaorm_tasks") / "migration")
    for statement in framework.create_history():
        connection.execute(statement)
    connection.execute("insert into seaql_migrations values ('m20990101_000001_ghost', 9999999999)")
    problem = standing(framework, connection).problems[0]
    assert (problem.kind, problem.migration, problem.stops) == (ProblemKind.VANISHED, "m20990101_000001_ghost", True)


def test_rows_are_written_as_seaorm_writes_them(project_copy: ProjectCopy, connection: psycopg.Connection) -> None:
    framework = seaorm(project_copy("seaorm_tasks") / "migration")
    migration = framework.migrations()[0]
    assert framework.history(connection) == ()
    for statement in (*framework.create_history(), *framework.record(migration, NOW, NOW)):
        connection.execute(statement)
    rows = connection.execute("select version, applied_at from seaql_migrations").fetchall()
    assert rows == [(LISTED[0], 1767323045)]
    for statement in framework.forget(migration):
        connection.execute(statement)
    assert framework.history(connection) == ()


def test_another_name_and_schema_of_the_table_are_followed(tmp_path: Path, connection: psycopg.Connection) -> None:
    library = listing("Box::new(m1::Migration)") + (
        'fn migration_table_name() -> DynIden { Alias::new("my_hist").into_iden() }'
    )
    folder = crate(tmp_path, library, m1="")
    assert seaorm(folder).history_tables() == ("public.my_hist",)
    assert seaorm(folder, schema="app,public").history_tables() == ("app.my_hist",)
    assert seaorm(folder, schema="app,public").search_path() == ("app", "public")
    assert seaorm(folder, history_table="ours.past").history_tables() == ("ours.past",)


def test_a_table_of_that_name_with_another_shape_is_refused(tmp_path: Path, connection: psycopg.Connection) -> None:
    connection.execute("create table seaql_migrations (version varchar, applied_at timestamptz)")
    with pytest.raises(HistoryShape, match="applied_at"):
        seaorm(crate(tmp_path, listing())).history(connection)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (
            'CREATE TABLE IF NOT EXISTS "seaql_migrations" ( "version" varchar NOT NULL PRIMARY KEY, "applied_at" bigint NOT NULL )',
            True,
        ),
        ('SELECT "version", "applied_at" FROM "seaql_migrations" ORDER BY "version" ASC', True),
        ('INSERT INTO "seaql_migrations" ("version", "applied_at") VALUES ($1, $2) RETURNING "version"', True),
        ('SET search_path = "public"', True),
        ("INSERT INTO seaql_migrations VALUES ('m1', 0)", False),
        ("UPDATE seaql_migrations SET version = 'm1'", False),
        ("SET search_path = app", False),
        ('SELECT "version" FROM "app"."seaql_migrations"', False),
        ("CREATE TABLE tasks (id int)", False),
    ],
)
def test_what_seaorm_sends_for_itself_is_told_from_what_a_migration_sends(tmp_path: Path, text: str, own: bool) -> None:
    framework = seaorm(crate(tmp_path, listing()))
    assert framework.is_bookkeeping(Statement(text=text, file="m.rs")) is own
