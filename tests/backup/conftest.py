"""A shop, and a server with the settings that a few tests need."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fixtures.shops import SHOP, databases, drop, run

from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl


@pytest.fixture
def shop(new_database: Callable[..., DatabaseUrl]) -> DatabaseUrl:
    """A database with tables, partitions, views, types, sequences, functions and a large object."""
    url = new_database()
    run(url, SHOP)
    return url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


@pytest.fixture(scope="module")
def strict_server(server: EmbeddedServer) -> Iterator[EmbeddedServer]:
    """A server with passwords, prepared transactions and logical slots."""
    place = Path(tempfile.mkdtemp(prefix="watari-strict-"))
    place.chmod(0o755)
    settings = {"max_prepared_transactions": "5", "wal_level": "logical"}
    with EmbeddedServer.start(
        place / "server", bin_folder=server.bin_folder, settings=settings, scratch=place
    ) as started:
        yield started
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def drop_copies(server: EmbeddedServer) -> Iterator[None]:
    """Drops what restores left beside."""
    yield
    for name in databases(server.url()):
        if "_watari_" in name:
            drop(server.url(), name)
