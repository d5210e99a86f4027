"""Databases that are clones: their names and marks, by which those of killed rehearsals are found and dropped."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
from psycopg import sql

from watari.execution.steps.create_database import maintenance
from watari.project.url import DatabaseUrl
from watari.rehearsal.queries import load

_PREFIX = "watari_clone_"
_LONGEST_NAME = 63


def remove_leftovers(connection: psycopg.Connection) -> tuple[str, ...]:
    """Drops the clones of rehearsals that were killed; only what bears their mark, and nobody's lock."""
    dropped: list[str] = []
    for (name,) in connection.execute(load("clones")).fetchall():
        held = connection.execute(load("hold_clone"), [name]).fetchone()
        if held and held[0]:
            _drop(connection, name)
            connection.execute(load("let_go_clone"), [name])
            dropped.append(name)
    return tuple(dropped)


def clone_name(database: str) -> str:
    """The name of a new clone of `database`: dated, and short enough for the server."""
    stamp = f"_{datetime.now(UTC):%Y%m%d%H%M%S%f}"
    room = _LONGEST_NAME - len(_PREFIX) - len(stamp)
    return _PREFIX + database.encode()[:room].decode(errors="ignore") + stamp


def mark(connection: psycopg.Connection, name: str, database: str) -> None:
    """Says on a database whose clone it is."""
    words = f"watari: clone of {database}"
    connection.execute(sql.SQL("comment on database {} is {}").format(sql.Identifier(name), sql.Literal(words)))


def remove(url: DatabaseUrl, name: str) -> None:
    """Drops a clone over a connection of its own: that of the lock may be gone."""
    with maintenance(url) as connection:
        _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
