"""A year of business for the shop: rows for every table, made by the server itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from psycopg import sql

from watari.demo.project_folder import SHOP
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl

__all__ = ["copy_database", "create_database", "drop_database", "load", "size_of"]


def create_database(server: DatabaseUrl, name: str) -> DatabaseUrl:
    """An empty database on the server whose maintenance database is `server`."""
    with connect(server, purpose="demo") as session:
        session.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return server.of_database(name)


def copy_database(server: DatabaseUrl, source: str, name: str) -> DatabaseUrl:
    """A second copy of a database that nobody uses at the moment."""
    with connect(server, purpose="demo") as session:
        statement = sql.SQL("create database {} template {} strategy file_copy")
        if session.info.server_version < 150_000:  # whose copies are always of files
            statement = sql.SQL("create database {} template {}")
        session.execute(statement.format(sql.Identifier(name), sql.Identifier(source)))
    return server.of_database(name)


def drop_database(server: DatabaseUrl, name: str) -> None:
    """Deletes a database, whoever is still connected to it."""
    with connect(server, purpose="demo") as session:
        session.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def size_of(url: DatabaseUrl) -> int:
    """The size of a database in bytes."""
    with connect(url, purpose="demo") as session:
        row = session.execute("select pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0


def load(url: DatabaseUrl, *, orders: int, told: Callable[[str], None]) -> None:
    """Fills the tables for `orders` orders; `told` hears the name of each part as it begins."""
    with connect(url, purpose="demo") as session:
        # the rows are consistent by construction; a million checks of it would only take time
        session.execute("set session_replication_role = replica")
        for file in sorted((SHOP / "data").glob("*.sql")):
            told(_part(file))
            query = sql.SQL(file.read_text(encoding="utf-8"))
            session.execute(query, {"orders": orders} if file.stem != "5_settled" else None)


def _part(file: Path) -> str:
    return file.stem.partition("_")[2].replace("_", " ")
