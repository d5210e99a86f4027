"""Servers of other kinds, for this room's tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from watari.postgres.embedded import EmbeddedServer

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder that servers of another user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="watari-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server_15(scratch: Path) -> Iterator[EmbeddedServer]:
    """A PostgreSQL 15 server where Debian's package is installed; it can do TLS and has pg_stat_statements."""
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    settings = {"shared_preload_libraries": "pg_stat_statements"}
    with EmbeddedServer.start(scratch / "server15", bin_folder=DEBIAN_15, settings=settings) as started:
        yield started


@pytest.fixture(scope="session")
def strict_server(scratch: Path) -> Iterator[EmbeddedServer]:
    """A server that asks for passwords, has few connections and forbids one user at the door."""
    with EmbeddedServer.start(scratch / "strict", settings={"max_connections": "10"}, trust=True) as started:
        with psycopg.connect(**started.url().conninfo(), autocommit=True) as admin:
            admin.execute("create role app login password 'right-one'")
            admin.execute("create role stranger login password 'x'")
            admin.execute("create role nologin_role password 'x'")
            admin.execute("create role crowded login password 'x' connection limit 0")
            admin.execute("create database fenced allow_connections false")
            admin.execute("create database private")
            admin.execute("revoke connect on database private from public")
        lines = ["host all postgres 127.0.0.1/32 trust", "host all stranger 127.0.0.1/32 reject"]
        lines += ["host all all 127.0.0.1/32 scram-sha-256"]
        (scratch / "strict" / "data" / "pg_hba.conf").write_text("\n".join(lines) + "\n")
        with psycopg.connect(**started.url().conninfo(), autocommit=True) as admin:
            admin.execute("select pg_reload_conf()")
        yield started


@pytest.fixture(scope="session")
def standby(scratch: Path) -> Iterator[EmbeddedServer]:
    """A standby of nobody: it waits for WAL and answers reads."""
    folder = scratch / "standby"
    with EmbeddedServer.start(folder) as started, psycopg.connect(**started.url().conninfo(), autocommit=True) as admin:
        admin.execute("create table t (id int)")
        admin.execute("checkpoint")
    signal = folder / "data" / "standby.signal"
    signal.touch()
    shutil.chown(signal, 65534, 65534) if os.geteuid() == 0 else None
    with EmbeddedServer.start(folder) as started:
        yield started
