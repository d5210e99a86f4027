"""A dump that is cut off, by a signal or by a full disk, leaves nothing that is called a backup."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fixtures.programs import pg_dump_in_front
from fixtures.shops import ask, run

from watari.backup.create import create
from watari.backup.retention import prune
from watari.backup.shelf import leftovers, list_backups
from watari.errors.programs import ToolTooOld
from watari.errors.reach import DiskFull
from watari.postgres import client_tools, installations
from watari.project.url import DatabaseUrl

_CHILD = """
import sys
from pathlib import Path
from watari.backup.create import create
from watari.project.url import DatabaseUrl
create(DatabaseUrl(host="127.0.0.1", port=int(sys.argv[1]), user="postgres", database=sys.argv[2]), folder=Path(sys.argv[3]))
"""


@pytest.fixture
def dumping(
    shop: DatabaseUrl, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in the middle of a backup: the archive is written, pg_dump has not ended yet."""
    pg_dump_in_front(tmp_path, monkeypatch, after=f"touch {tmp_path}/written; sleep 60")
    arguments = [sys.executable, "-c", _CHILD, str(shop.port), shop.database, str(folder)]
    process = subprocess.Popen(arguments, start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "written").exists():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def test_a_killed_command_leaves_no_backup(dumping: subprocess.Popen[bytes], shop: DatabaseUrl, folder: Path) -> None:
    assert leftovers(folder) == ()  # somebody is at work there
    assert prune(folder) == ()
    (unfinished,) = folder.iterdir()
    assert (unfinished / "archive.dump").stat().st_size > 0
    dumping.kill()
    dumping.wait()
    assert list_backups(folder) == ()
    assert [left.path for left in leftovers(folder)] == [unfinished]
    prune(folder)
    assert list(folder.iterdir()) == []


def test_an_interrupted_command_cleans_up_after_itself(dumping: subprocess.Popen[bytes], folder: Path) -> None:
    dumping.send_signal(signal.SIGINT)
    assert dumping.wait(30) != 0
    assert list(folder.iterdir()) == []


def test_a_disk_that_is_too_small_is_told_before_the_dump(database: DatabaseUrl, small_disk: Path) -> None:
    run(database, "create table wide as select repeat(md5(g::text), 30) t from generate_series(1, 30000) g")
    with pytest.raises(DiskFull) as refused:
        create(database, folder=small_disk / "backups")
    assert "MB" in str(refused.value)
    assert list((small_disk / "backups").iterdir()) == []


def test_a_disk_that_runs_full_leaves_nothing(database: DatabaseUrl, small_disk: Path) -> None:
    # random bytes: the estimate trusts in compression, which does not happen here
    statement = "create table noise as select (select string_agg(sha256((g * 1000 + i)::text::bytea), '') "
    run(database, f"{statement} from generate_series(1, 60) i) b from generate_series(1, 4000) g")
    for format in ("custom", "directory"):
        with pytest.raises(DiskFull) as refused:
            create(database, folder=small_disk / "backups", format=format)
        assert str(small_disk) in str(refused.value)
        assert list((small_disk / "backups").iterdir()) == []


def test_a_pg_dump_older_than_the_server_is_refused(
    shop: DatabaseUrl, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Path("/usr/lib/postgresql/15/bin")
    if not (old / "pg_dump").exists() or str(ask(shop, "show server_version")).startswith("15"):
        pytest.skip("needs PostgreSQL 15's client tools and a newer server")
    monkeypatch.setattr(installations, "wheel_folders", lambda: iter(()))
    monkeypatch.setattr(installations, "machine_folders", lambda: iter((old,)))
    client_tools._all.cache_clear()
    try:
        with pytest.raises(ToolTooOld) as refused:
            create(shop, folder=folder)
    finally:
        client_tools._all.cache_clear()
    assert "15." in str(refused.value) and str(ask(shop, "show server_version")).split(".")[0] in str(refused.value)
    assert not folder.exists()
