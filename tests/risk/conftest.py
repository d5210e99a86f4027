"""Servers of the two versions that the forms were measured on."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from watari.postgres.embedded import EmbeddedServer

#: Where Debian and Ubuntu put the programs of a major version.
INSTALLED = Path("/usr/lib/postgresql")


@pytest.fixture(scope="session")
def server_15() -> Iterator[EmbeddedServer]:
    """PostgreSQL 15, where it is installed."""
    programs = INSTALLED / "15" / "bin"
    if not (programs / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed (apt install postgresql-15)")
    folder = Path(tempfile.mkdtemp(prefix="watari-test-15-"))
    folder.chmod(0o755)
    with EmbeddedServer.start(folder / "server", bin_folder=programs, trust=True, scratch=folder) as started:
        yield started
    shutil.rmtree(folder, ignore_errors=True)
