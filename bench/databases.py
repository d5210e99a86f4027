"""Fresh databases for a measurement."""

from __future__ import annotations

import itertools

import psycopg
from psycopg import sql

from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl

_numbers = itertools.count(1)


def fresh(server: EmbeddedServer) -> DatabaseUrl:
    """An empty database."""
    url = server.url(f"bench{next(_numbers)}")
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(url.database)))
    return url


def drop(server: EmbeddedServer, url: DatabaseUrl) -> None:
    """Drops it again."""
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(url.database)))


def count_tables(url: DatabaseUrl) -> int:
    """How many tables of the measurement are there."""
    with psycopg.connect(**url.conninfo()) as connection:
        row = connection.execute(r"select count(*) from pg_tables where tablename ~ '^t\d{4}$'").fetchone()
        return int(row[0]) if row else 0
