"""Backups are made of one snapshot, and everything else refuses before or leaves nothing."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.programs import pg_dump_in_front
from fixtures.shops import ask, run

from watari.backup import manifest, storage
from watari.backup.create import create, session_name
from watari.backup.shelf import archive, find, list_backups
from watari.backup.verification import verify
from watari.errors.backups import BackupFolderUnusable, DumpFailed, RowsHidden, TablesLocked
from watari.errors.reach import PrivilegeMissing, ServerUnreachable, WrongPassword
from watari.errors.usage import BadArgument
from watari.evidence import Backup, BackupContent, BackupFormat, Event, EventKind, VerificationLevel
from watari.postgres.embedded import EmbeddedServer, free_port
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl

ROWS = {
    "public.customers": 2000,
    "public.empty_one": 0,
    "public.events_2026": 30,
    'sales."Order"': 5000,
}


@pytest.mark.parametrize("format", ["custom", "directory"])
def test_a_backup_holds_what_its_manifest_says(shop: DatabaseUrl, folder: Path, format: str) -> None:
    backup = create(shop, folder=folder, format=format, jobs=2, environment="production", plan_sha256="abc")
    assert backup.rows == ROWS
    assert backup.content is BackupContent.FULL
    assert backup.database == shop.database
    assert (backup.environment, backup.plan_sha256, backup.role) == ("production", "abc", "postgres")
    assert backup.large_objects == 1
    assert backup.sequences == {"public.customers_id_seq": 2000, 'sales."Order_id_seq"': 5000}
    assert backup.system_identifier == ask(shop, "select system_identifier::text from pg_control_system()")
    assert backup.verified is VerificationLevel.EXISTS
    assert backup.lsn and backup.snapshot and backup.schema_fingerprint and backup.client_version
    assert backup.bytes == sum(file.bytes for file in backup.files) > 0
    assert verify(backup, url=shop).verified is VerificationLevel.RESTORED
    assert find(folder, backup.id[:10]).verified is VerificationLevel.RESTORED


def test_the_checksums_can_be_verified_by_hand(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder, format="directory")
    lines = (Path(backup.folder) / "SHA256SUMS").read_text().splitlines()
    listed = {path: sha for sha, path in (line.split("  ") for line in lines)}
    assert "manifest.json" in listed and "archive/toc.dat" in listed and "objects.jsonl" in listed
    for path, sha in listed.items():
        assert hashlib.sha256((Path(backup.folder) / path).read_bytes()).hexdigest() == sha


def test_nobody_else_can_read_a_backup(shop: DatabaseUrl, folder: Path) -> None:
    before = os.umask(0)
    try:
        backups = [create(shop, folder=folder, format=format) for format in ("custom", "directory")]
        verify(backups[0])
    finally:
        os.umask(before)
    for path in [folder, *folder.rglob("*")]:
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


@pytest.mark.parametrize("content", ["schema", "data"])
def test_a_backup_of_one_half(shop: DatabaseUrl, folder: Path, content: str) -> None:
    backup = create(shop, folder=folder, content=content)
    assert backup.content is BackupContent(content)
    assert backup.id.endswith(content)
    assert backup.rows == ({} if content == "schema" else ROWS)


def test_the_compression_that_the_client_lacks_is_refused_and_auto_takes_another(
    shop: DatabaseUrl, folder: Path
) -> None:
    assert create(shop, folder=folder).compression in ("zstd", "gzip")
    plain = create(shop, folder=folder, compression="none")
    assert plain.compression == "none"
    assert b"u1999@example.com" in archive(plain).read_bytes()
    try:
        assert create(shop, folder=folder, compression="zstd").compression == "zstd"
    except BadArgument as refused:
        assert "zstd" in str(refused)


def test_two_backups_of_one_second_have_two_names(shop: DatabaseUrl, folder: Path) -> None:
    made = [create(shop, folder=folder, content="schema") for _ in range(3)]
    assert len({backup.id for backup in made}) == 3
    assert len(list_backups(folder)) == 3


def test_rows_are_counted_in_the_snapshot_of_the_dump_while_others_write(shop: DatabaseUrl, folder: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(**shop.conninfo(), autocommit=True) as connection:
            number = 0
            while not stop.is_set():
                number += 1
                connection.execute("insert into customers (email) values (%s)", [f"w{number}@example.com"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup = create(shop, folder=folder)
    finally:
        stop.set()
        writer.join()
    now = ask(shop, "select count(*) from customers")
    assert isinstance(now, int) and backup.rows["public.customers"] < now
    proved = verify(backup, url=shop)
    assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())


def test_progress_is_told_in_bytes(database: DatabaseUrl, folder: Path) -> None:
    run(database, "create table wide as select g, repeat(md5(g::text), 20) t from generate_series(1, 250000) g")
    events: list[Event] = []
    create(database, folder=folder, compression="none", events=events.append)
    told = [event.data for event in events if event.kind is EventKind.PROGRESS]
    assert told and told[0]["unit"] == "bytes"
    assert all(0 <= int(str(data["done"])) <= int(str(data["total"])) for data in told)


def test_a_locked_table_makes_the_dump_give_way_and_names_the_holder(shop: DatabaseUrl, folder: Path) -> None:
    conninfo = shop.conninfo() | {"application_name": "nightly job"}
    with psycopg.connect(**conninfo) as other:
        other.execute("lock table customers in access exclusive mode")
        with pytest.raises(TablesLocked) as refused:
            create(shop, folder=folder)
        assert "nightly job" in str(refused.value)
        assert "public.customers" in str(refused.value)
    assert list(folder.iterdir()) == []


@pytest.fixture
def reader(shop: DatabaseUrl) -> Iterator[DatabaseUrl]:
    """A login that may read everything and is no superuser."""
    run(shop, "create role reader login; grant pg_read_all_data to reader")
    yield DatabaseUrl(host=shop.host, port=shop.port, user="reader", database=shop.database)
    run(shop, "drop owned by reader; drop role reader")


def test_row_security_is_refused_instead_of_a_partial_dump(
    shop: DatabaseUrl, reader: DatabaseUrl, folder: Path
) -> None:
    run(shop, "select lo_unlink(oid) from pg_largeobject_metadata")
    assert create(reader, folder=folder).rows == ROWS
    run(shop, "alter table customers enable row level security; create policy half on customers using (id % 2 = 0)")
    with pytest.raises(RowsHidden) as refused:
        create(reader, folder=folder)
    assert "public.customers" in str(refused.value) and "reader" in str(refused.value)
    assert create(shop, folder=folder).rows["public.customers"] == 2000
    assert len(list_backups(folder)) == 2


def test_a_table_that_may_not_be_read_is_named(shop: DatabaseUrl, folder: Path) -> None:
    run(shop, "create role nothing login")
    poor = DatabaseUrl(host=shop.host, port=shop.port, user="nothing", database=shop.database)
    with pytest.raises(PrivilegeMissing) as refused:
        create(poor, folder=folder)
    run(shop, "drop role nothing")
    assert "public.customers" in str(refused.value)
    assert not folder.exists()


def test_a_role_without_large_objects_is_told_by_the_tool(shop: DatabaseUrl, reader: DatabaseUrl, folder: Path) -> None:
    try:
        backup = create(reader, folder=folder)  # from 18 on pg_read_all_data covers them
        assert backup.large_objects == 1
    except DumpFailed as failed:
        assert "large object" in str(failed)
        assert list(folder.iterdir()) == []


def test_an_unreachable_server_leaves_no_folder(folder: Path) -> None:
    with pytest.raises(ServerUnreachable):
        create(DatabaseUrl(host="127.0.0.1", port=free_port(), user="x", database="x"), folder=folder)
    assert not folder.exists()


def test_a_folder_that_is_a_file_is_named(shop: DatabaseUrl, tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("")
    with pytest.raises(BackupFolderUnusable) as refused:
        create(shop, folder=tmp_path / "backups")
    assert "backups" in str(refused.value)


def test_passwords_are_neither_in_arguments_nor_in_errors(
    strict_server: EmbeddedServer, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = strict_server.url()
    assert url.password is not None
    wrong = DatabaseUrl(host=url.host, port=url.port, user=url.user, password=Secret("hunter2"), database=url.database)
    with pytest.raises(WrongPassword) as refused:
        create(wrong, folder=folder)
    assert "hunter2" not in str(refused.value)
    seen = pg_dump_in_front(tmp_path, monkeypatch)
    create(url, folder=folder)
    assert "--snapshot" in seen.read_text()
    assert url.password.reveal() not in seen.read_text()


def test_a_dump_left_by_a_killed_command_is_ended(shop: DatabaseUrl, folder: Path) -> None:
    id = "20261121-083015-shop-full"
    (folder / f"{id}.partial").mkdir(parents=True)
    (folder / f"{id}.partial" / ".lock").touch()
    left = psycopg.connect(**shop.conninfo(), application_name=f"watari {session_name(id)}", autocommit=True)
    create(shop, folder=folder, content="schema")
    with pytest.raises(psycopg.OperationalError):
        left.execute("select 1")
    left.close()


def test_a_name_of_a_database_becomes_a_name_of_a_folder(
    new_database: Callable[..., DatabaseUrl], folder: Path
) -> None:
    backup = create(new_database(name="../渡り shop'x"), folder=folder)
    assert Path(backup.folder).parent == folder
    assert backup.database == "../渡り shop'x"
    proved = verify(backup, url=new_database())
    assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())


def test_the_manifest_comes_back_as_it_went(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    assert manifest.load(Path(backup.folder)) == backup
    assert isinstance(backup, Backup) and backup.format is BackupFormat.CUSTOM
    assert not [path for path in storage.folders(folder) if path.name.endswith(".partial")]
