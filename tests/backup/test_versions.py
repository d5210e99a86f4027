"""Servers and client tools of different versions: what an older server does not know is kept from it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures.shops import SHOP, ask, drop, run

from watari.backup.beside import compare
from watari.backup.create import create
from watari.backup.restore import restore
from watari.backup.verification import verify
from watari.evidence import VerificationLevel
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl

OLD = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="module")
def old_shop() -> Iterator[DatabaseUrl]:
    """A shop on PostgreSQL 15."""
    if not (OLD / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    place = Path(tempfile.mkdtemp(prefix="watari-old-"))
    place.chmod(0o755)
    with EmbeddedServer.start(place / "server", bin_folder=OLD, scratch=place) as started:
        run(started.url(), "create database shop template template0")
        url = started.url("shop")
        run(url, SHOP)
        yield url
    shutil.rmtree(place, ignore_errors=True)


def test_an_older_server_is_dumped_and_proved_by_the_nearest_tools(old_shop: DatabaseUrl, folder: Path) -> None:
    backup = create(old_shop, folder=folder)
    assert (backup.server_version // 10_000, backup.client_version[:2]) == (15, "15")
    assert backup.compression == "gzip"
    for url in (old_shop, None):  # on the server itself, and on a throw-away one of the same version
        proved = verify(backup, url=url)
        assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())


@pytest.mark.parametrize("content", ["full", "data"])
def test_newer_tools_restore_into_an_older_server(
    old_shop: DatabaseUrl, folder: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    """pg_restore since 17 sets a parameter that older servers refuse."""
    monkeypatch.setenv("WATARI_PG_BIN", str(tool("pg_restore", at_least=17).path.parent))
    backup = create(old_shop, folder=folder, content=content)
    assert int(backup.client_version.split(".")[0]) >= 17
    if content == "data":
        create(old_shop, folder=folder, content="schema")
    proved = verify(backup, url=old_shop)
    assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())


def test_a_backup_of_an_older_server_is_restored_on_a_newer_one(
    old_shop: DatabaseUrl, server: EmbeddedServer, folder: Path
) -> None:
    """Definitions read differently there; what is missing, and every row, still counts."""
    backup = create(old_shop, folder=folder)
    done = restore(backup, url=server.url(), as_database="shop_watari_of_15")
    try:
        assert done.findings == ()
        assert done.rows["public.customers"] == 2000
        copy = server.url(done.database)
        run(copy, "drop table customers cascade")
        said = [str(message) for message in compare(copy, backup)]
        assert "table public.customers is missing" in said
        assert 'foreign key sales."Order"."Order_customer_id_fkey" is missing' in said
    finally:
        drop(server.url(), done.database)


def test_a_script_of_newer_tools_is_restored_into_an_older_server(
    old_shop: DatabaseUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    assert old_shop.password
    program = tool("pg_dump", at_least=17).path
    address = {"PGPASSWORD": old_shop.password.reveal(), "PGHOST": old_shop.host, "PGPORT": str(old_shop.port)}
    path = tmp_path / "dump.sql"
    subprocess.run([program, "-U", "postgres", "-f", path, "shop"], env=address, check=True)
    assert "transaction_timeout" in path.read_text()
    done = restore(path, url=old_shop, as_database="from_script")
    assert done.findings == ()
    assert ask(old_shop.of_database("from_script"), "select count(*) from customers") == 2000
