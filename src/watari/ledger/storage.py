"""Where the ledger's tables are: a SQLite file of the project, a team's PostgreSQL, or memory where nothing can be written."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.schema import CreateIndex, CreateTable

from watari.errors.ledger import LedgerUnusable
from watari.errors.settings import BadDatabaseUrl
from watari.ledger.tables import METADATA, VERSION, ledger_version
from watari.locale import Text
from watari.project.url import parse_url

FILE = "ledger.sqlite"
#: Advisory lock while tables are made: "watariL" in ASCII.
_MAKING = 0x7761746172694C

_YOUNGER = Text(en="it was made by a younger watari", ja="新しいバージョンの watari が作成した台帳です")
_ADDRESS = Text(en="its address cannot be read", ja="接続先を読み取れません")


def file_engine(file: Path) -> Engine:
    """The project's own file, made for its owner only; raises `OSError`."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    return create_engine(f"sqlite:///{file}", connect_args={"timeout": 30})


def memory_engine(copy_of: Path | None = None) -> Engine:
    """Tables that live as long as the process, with what an unwritable file holds."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    if copy_of and copy_of.exists():
        source = sqlite3.connect(f"{copy_of.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            with engine.connect() as connection:
                held = connection.connection.driver_connection
                assert isinstance(held, sqlite3.Connection)
                source.backup(held)
        finally:
            source.close()
    return engine


def address_engine(address: str, root: Path) -> Engine:
    """A team's ledger at a SQLAlchemy address; a path in a SQLite address is relative to the project.

    Raises `LedgerUnusable` where the address cannot be read.
    """
    scheme, _, place = address.partition("://")
    if scheme.startswith("sqlite"):
        return file_engine(root / place.removeprefix("/")) if place.strip("/") else memory_engine()
    try:
        url = parse_url(address, source="WATARI_LEDGER")
        import psycopg

        return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(**url.conninfo()))  # type: ignore[arg-type]
    except (ArgumentError, NoSuchModuleError, BadDatabaseUrl):
        pass  # the address may hold a password, so nothing of it is told
    raise LedgerUnusable(place="WATARI_LEDGER", reason=_ADDRESS())


def prepare(connection: Connection) -> None:
    """Makes the tables where they are missing; raises `LedgerUnusable` for those of a younger watari."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    if dialect is postgresql:
        connection.execute(
            select(func.pg_advisory_xact_lock(_MAKING))
        )  # CREATE IF NOT EXISTS is no cure for a race there
    for table in METADATA.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
    found = connection.scalar(select(ledger_version.c.version))
    if found is None:
        connection.execute(dialect.insert(ledger_version).values(version=VERSION).on_conflict_do_nothing())
    elif found > VERSION:
        raise LedgerUnusable(place=str(connection.engine.url), reason=_YOUNGER())


def reason_of(error: DBAPIError | OSError | sqlite3.Error) -> str:
    """The server's or the file's own words, without the statement."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (getattr(cause, "strerror", None) or str(cause)).strip().replace("\n", "; ")
