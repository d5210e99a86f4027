"""The runbook of three databases: init.sql on a server that has none of them, numbered files, and files as they were written."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.projects import PROJECTS, copy_project, extensions_of

from journeys.comparing import asked, same_schema, told
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl

pytestmark = pytest.mark.xdist_group("three databases")

NAMES = ("authdb", "apidb", "admindb")
DEBIAN = Path("/usr/lib/postgresql/15/bin")
VERSION = "select value ->> 'version', value ->> 'migration' from system_settings where key = 'schema_version'"


@pytest.fixture(scope="module")
def rich_server(server: EmbeddedServer, tmp_path_factory) -> Iterator[EmbeddedServer]:
    """A server with uuid-ossp where one is at hand; else the session's, and the files are fitted to it."""
    if "uuid-ossp" in extensions_of(server) or not (DEBIAN / "postgres").exists():
        yield server
        return
    folder = tmp_path_factory.mktemp("debian")
    for part in (folder, *folder.parents[:2]):
        part.chmod(0o755)
    with EmbeddedServer.start(folder / "server", bin_folder=DEBIAN, trust=True) as started:
        yield started


@pytest.fixture
def three(rich_server: EmbeddedServer, tmp_path: Path) -> Iterator[Folder]:
    """The project, as `watari init` finds it, on a server without its databases."""
    folder = Folder(copy_project(rich_server, tmp_path / "three", "three_databases"), rich_server.url())
    made = folder.watari("init")
    assert made.status == 0, made.err
    yield folder
    drop(rich_server, *NAMES)


def drop(server: EmbeddedServer, *names: str) -> None:
    for name in names:
        told(server.url(), f'drop database if exists "{name}" with (force)')


def standings(folder: Folder) -> dict[str, dict[str, object]]:
    """What status says of each database."""
    return {entry["database"]: entry for entry in folder.watari("status", "--json").document["databases"]}


def test_init_sql_and_three_files_take_a_bare_server_to_the_last_version(
    three: Folder, rich_server: EmbeddedServer, tmp_path: Path
) -> None:
    before = standings(three)
    assert {name: (entry["state"], len(entry["pending"])) for name, entry in before.items()} == {  # type: ignore[arg-type]
        "authdb": ("absent", 1),
        "apidb": ("absent", 2),
        "admindb": ("absent", 4),
    }
    assert "データベースは未作成" in three.watari("status", language="ja").out
    checked = three.watari("check")
    assert checked.status == 0, checked.out
    assert "[BLOCK]" not in checked.out and "[warn]" not in checked.out, checked.out
    applied = three.watari("apply", "--yes")
    assert applied.status == 0, applied.err

    assert {entry["state"] for entry in standings(three).values()} == {"up_to_date"}
    assert asked(rich_server.url("admindb"), VERSION) == [("1.3.0", "003_add_ocr_metadata")]
    if "uuid-ossp" in extensions_of(rich_server):
        for name in NAMES:
            assert asked(rich_server.url(name), "select extname from pg_extension where extname = 'uuid-ossp'")
    verified = three.watari("verify")
    assert verified.status == 0, verified.out
    again = three.watari("apply", "--yes")
    assert (again.status, again.out.count("nothing to do")) == (0, 3)

    drop(rich_server, *(f"{name}_psql" for name in NAMES))
    theirs = copy_project(
        rich_server, tmp_path / "psql", "three_databases", databases={name: f"{name}_psql" for name in NAMES}
    )
    by_psql(rich_server.url(), theirs)
    try:
        for name in NAMES:
            same_schema(rich_server.url(name), rich_server.url(f"{name}_psql"))
    finally:
        drop(rich_server, *(f"{name}_psql" for name in NAMES))


def by_psql(url: DatabaseUrl, root: Path) -> None:
    """The files as the runbook runs them: through psql, one after the other."""
    psql = tool("psql", at_least=15).path
    for file in (root / "db" / "init.sql", *sorted((root / "db" / "migrations").iterdir())):
        at = url.of_database("admindb_psql") if file.name.startswith("002") else url
        subprocess.run(
            [psql, "-v", "ON_ERROR_STOP=1", "-qf", file, at.reveal().reveal()], check=True, capture_output=True
        )


def test_a_database_that_somebody_filled_meanwhile_is_not_taken_for_a_new_one(
    three: Folder, rich_server: EmbeddedServer
) -> None:
    planned = three.watari("plan", "--database", "authdb", "-o", "authdb.json")
    assert planned.status == 0, planned.err
    told(rich_server.url(), "create database authdb")
    told(rich_server.url("authdb"), "create table users (id int)")
    answer = three.watari("apply", "authdb.json", "--database", "authdb", "--yes")
    assert answer.status == 4
    assert "the schema has changed since the plan was made" in answer.err
    assert asked(rich_server.url("authdb"), "select to_regnamespace('watari')") == [(None,)]


def test_a_plan_goes_on_where_its_database_was_made_and_nothing_else(
    three: Folder, rich_server: EmbeddedServer
) -> None:
    assert three.watari("plan", "--database", "authdb", "-o", "authdb.json").status == 0
    told(rich_server.url(), "create database authdb")
    answer = three.watari("apply", "authdb.json", "--database", "authdb", "--yes")
    assert answer.status == 0, answer.err


def test_going_back_gives_a_value_back_that_was_written_over(three: Folder, rich_server: EmbeddedServer) -> None:
    assert three.watari("apply", "--yes", "--database", "admindb", "--to", "002").status == 0
    assert three.watari("apply", "--yes", "--database", "admindb").status == 0
    assert asked(rich_server.url("admindb"), VERSION) == [("1.3.0", "003_add_ocr_metadata")]
    back = three.watari("rollback", "--database", "admindb", "--yes")
    assert back.status == 0, back.err
    assert asked(rich_server.url("admindb"), VERSION) == [("1.2.0", "002_add_document_index")]


def test_going_back_says_why_it_cannot_and_by_which_backup_it_can(three: Folder, rich_server: EmbeddedServer) -> None:
    settings = three.path / "watari.toml"
    text = settings.read_text(encoding="utf-8")
    three.write("watari.toml", text + "\n[environments.default.policy]\nkeep = 0\n")
    assert three.watari("apply", "--yes", "--database", "admindb", "--to", "002").status == 0
    made = three.watari("backup", "create", "--database", "admindb", "--json")
    assert made.status == 0, made.err
    assert three.watari("apply", "--yes", "--database", "admindb").status == 0
    assert asked(rich_server.url("admindb"), VERSION) == [("1.3.0", "003_add_ocr_metadata")]
    refused = three.watari("rollback", "--database", "admindb", "--way", "undo", "--yes")
    assert refused.status == 4 and "cannot be undone (UPDATE system_settings" in refused.err
    back = three.watari("rollback", "--database", "admindb", "--yes")
    assert back.status == 0, back.err
    assert asked(rich_server.url("admindb"), VERSION) == [("1.2.0", "002_add_document_index")]
    assert [entry["name"] for entry in standings(three)["admindb"]["pending"]] == ["003_add_ocr_metadata"]  # type: ignore[attr-defined]
    with psycopg.connect(**rich_server.url().conninfo(), autocommit=True) as connection:
        kept = [row[0] for row in connection.execute("select datname from pg_database where datname like 'admindb%'")]
    drop(rich_server, *kept)


# -- as they were written -----------------------------------------------------------------------------------------------


def test_a_file_for_two_databases_in_one_transaction_halts_with_the_way_out(
    three: Folder, rich_server: EmbeddedServer
) -> None:
    wrong = "db/migrations/001_add_birth_date.sql"
    three.write(wrong, (PROJECTS / "three_databases_as_written" / wrong).read_bytes())
    for language, words in (("en", "no statement and no transaction"), ("ja", "複数のデータベースを扱えません")):
        standing = three.watari("status", language=language)
        assert standing.status == 1
        assert words in standing.out and "L9 apidb.profiles" in standing.out and "\\c apidb" in standing.out
    for database in NAMES:
        refused = three.watari("apply", "--yes", "--database", database)
        assert refused.status == 4
        assert "001_add_birth_date.sql" in refused.err
    databases = asked(rich_server.url(), "select count(*) from pg_database where datname = any(%s)", list(NAMES))
    assert databases == [(0,)]

    checked = three.watari("check", wrong, "--database", "apidb")
    assert checked.status == 1
    assert "apidb is the name of this database, not of a schema in it" in checked.out
    assert "after \\connect admindb." in checked.out
    assert "there is no transaction over several databases" in checked.out


@pytest.fixture
def plain(tmp_path: Path, database: DatabaseUrl) -> Folder:
    """One database with tables of the runbooks, whose parents' ids may be NULL."""
    told(
        database,
        "create table parent_table (id int unique); create table child_table (id int primary key, parent_id int);"
        "create table large_table (id int primary key, column_name int, condition boolean);"
        "insert into parent_table values (1), (null); insert into child_table select g, g from generate_series(1, 20) g;"
        "insert into large_table select g, g, true from generate_series(1, 200) g; analyze",
    )
    return Folder(tmp_path, database)


LOOP = """DO $$
DECLARE
    batch_size INT := 50;
    affected_rows INT;
BEGIN
    LOOP
        UPDATE large_table SET column_name = 0
         WHERE condition AND id IN (SELECT id FROM large_table WHERE condition AND column_name != 0 LIMIT batch_size);
        GET DIAGNOSTICS affected_rows = ROW_COUNT;
        EXIT WHEN affected_rows = 0;
        COMMIT;
        RAISE NOTICE 'Processed % rows', affected_rows;
    END LOOP;
END $$;
"""


@pytest.mark.parametrize(
    ("text", "rule", "english", "japanese"),
    [
        (
            "BEGIN;\nALTER TABLE child_table ADD COLUMN birth_date DATE;\nCOMMIT;\n",
            "tx-nested",
            "Take both out",
            "両方とも削除",
        ),
        (LOOP, "tx-commits-inside", "Write the plain UPDATE", "通常の UPDATE"),
        (
            "UPDATE child_table SET parent_id = NULL WHERE parent_id NOT IN (SELECT id FROM parent_table);\n",
            "data-not-in-null",
            "this NOT IN matches nothing",
            "1 件も一致しません",
        ),
    ],
    ids=["own BEGIN and COMMIT", "DO block that commits", "NOT IN with NULL"],
)
def test_a_statement_as_it_was_written_gets_its_sentence(
    plain: Folder, text: str, rule: str, english: str, japanese: str
) -> None:
    plain.write("migrations/001_as_written.sql", text)
    answer = plain.watari("check")
    assert f"[warn] {rule}" in answer.out and english in answer.out, answer.out
    assert japanese in plain.watari("check", language="ja").out


def test_a_loop_that_commits_is_run_all_the_same_and_recorded_once(plain: Folder, database: DatabaseUrl) -> None:
    plain.write("migrations/001_loop.sql", LOOP)
    applied = plain.watari("apply", "--yes")
    assert applied.status == 0, applied.err
    assert asked(database, "select count(*) from large_table where column_name <> 0") == [(0,)]
    assert asked(database, "select count(*) from watari.history") == [(1,)]


def test_a_file_that_brings_its_own_transaction_commits_with_its_history(plain: Folder, database: DatabaseUrl) -> None:
    plain.write(
        "migrations/001_own.sql", "BEGIN;\nALTER TABLE child_table ADD COLUMN note text;\nCOMMIT;\nSELECT 1 / 0;\n"
    )
    failed = plain.watari("apply", "--yes")
    assert failed.status == 5, failed.err
    there = asked(database, "select count(*) from information_schema.columns where column_name = 'note'")
    recorded = asked(database, "select count(*) from watari.history")
    assert recorded == [(0,)]
    standing = plain.watari("runs", "--json").document["runs"][0]
    assert standing["state"] == "stopped"
    back = plain.watari("rollback", "--yes")
    assert back.status == 0, back.err
    assert asked(database, "select count(*) from information_schema.columns where column_name = 'note'") == [(0,)], (
        there
    )
