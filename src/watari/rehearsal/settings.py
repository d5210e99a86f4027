"""Settings that belong to a database or to a user in it: a copy does not bring them, and names are found by them."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.queries import load

#: Role (None: everyone), name, value as the server keeps it.
Setting = tuple[str | None, str, str]


def settings_of(connection: psycopg.Connection, database: str, user: str, *, roles_too: bool) -> tuple[Setting, ...]:
    """The settings of `database`, for everyone and by role; with `roles_too`, those of `user` everywhere as well."""
    values = {"database": database, "user": user, "roles_too": roles_too}
    return tuple((role, name, value) for role, name, value in connection.execute(load("settings"), values))


def give(url: DatabaseUrl, settings: Sequence[Setting]) -> tuple[str, ...]:
    """Gives the database at `url` these settings; the names of those that this user may not set come out."""
    refused: list[str] = []
    if not settings:
        return ()
    database = sql.Identifier(url.database)
    with connect(url, purpose="rehearsal") as connection:
        for role, name, value in settings:
            # through the session, because lists are kept by the server in a form of its own
            whom = sql.SQL("role {} in database").format(sql.Identifier(role)) if role else sql.SQL("database")
            statement = sql.SQL("alter {} {} set {} from current").format(whom, database, sql.Identifier(name))
            try:
                connection.execute("select set_config(%s, %s, false)", [name, value])
                connection.execute(statement)
            except psycopg.Error:
                refused.append(name)
    return tuple(refused)
