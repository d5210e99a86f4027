"""There and back again with an application that writes all the time and keeps a mirror: no row and no write is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bench.going_back import CHANGES, filled, there_and_back
from watari.demo.loading import copy_database, drop_database
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

#: Enough that the type change is not made in one go.
ROWS = 20_000


@pytest.fixture(scope="module")
def ledger(server: EmbeddedServer) -> Iterator[DatabaseUrl]:
    name = f"ledger_{os.getpid()}"
    yield filled(server.url(), name, ROWS)
    drop_database(server.url(), name)


@pytest.fixture
def copy(ledger: DatabaseUrl, server: EmbeddedServer) -> Iterator[DatabaseUrl]:
    name = f"{ledger.database}_now"
    yield copy_database(server.url(), ledger.database, name)
    drop_database(server.url(), name)


@pytest.mark.parametrize("change", CHANGES)
def test_no_row_and_no_write_is_lost_on_the_way_there_and_back(
    ledger: DatabaseUrl, copy: DatabaseUrl, tmp_path: Path, change: str
) -> None:
    found = there_and_back(copy, tmp_path / "project", CHANGES[change], rows=ROWS, writing=0.5)
    assert found.across.errors == {} and found.back.errors == {}
    assert found.compared.written > 20
    assert (found.compared.lost_rows, found.compared.lost_writes) == (0, 0)
    assert found.archive == ROWS
    with psycopg.connect(**copy.conninfo(), autocommit=True) as now:
        begun = now.execute("select count(*) from ledger where id <= %s", [ROWS]).fetchone()
        assert begun == (found.notes,)
        assert read_catalog(now).kept == ()
        with psycopg.connect(**ledger.conninfo(), autocommit=True) as before:
            assert read_catalog(now, leave_out=()).tables.keys() >= read_catalog(before).tables.keys()
