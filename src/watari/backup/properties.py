"""What belongs to a database and not to its contents: owner, grants, limits, comment, parameters, locale.

pg_dump leaves these out unless it may insist on the old name, and a renamed database leaves them behind; so they are kept
as statements that anyone can replay, and that can be pointed at a database of another name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from watari.backup.questions import record, rows

#: Parameters that hold lists of names: the server keeps them quoted already. Source: guc_tables.c, GUC_LIST_QUOTE.
_LISTS = frozenset(
    {
        "local_preload_libraries",
        "search_path",
        "session_preload_libraries",
        "shared_preload_libraries",
        "temp_tablespaces",
        "unix_socket_directories",
    }
)


def locale(connection: psycopg.Connection, database: str) -> dict[str, str]:
    """Encoding, collation, character class, provider, and the provider's locale and rules where there are some."""
    found = record(connection, "database", {"database": database}) or {}
    wanted = ("encoding", "collate", "ctype", "provider", "locale", "rules")
    return {key: str(found[key]) for key in wanted if found.get(key)}


def statements(connection: psycopg.Connection, database: str) -> tuple[str, ...]:
    """Statements that give a database of this name its owner, grants, limits, comment and parameters."""
    found = record(connection, "database", {"database": database})
    if found is None:
        return ()
    name = sql.Identifier(database)
    composed = [*_own(name, found), *_grants(connection, database, found), *_parameters(connection, database)]
    return tuple(statement.as_string(connection) for statement in composed)


def of_database(settings: Iterable[str], before: str, after: str) -> tuple[str, ...]:
    """The same statements for a database of another name."""
    # the server's own quoting: inside another identifier the quotes would stand doubled
    old, new = (f"DATABASE {sql.Identifier(name).as_string(None)}" for name in (before, after))
    return tuple(statement.replace(old, new, 1) for statement in settings)


def create_database(name: str, locale: Mapping[str, str]) -> sql.Composed:
    """The statement that makes an empty database with this encoding and locale."""
    parts = [sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))]
    if encoding := locale.get("encoding"):
        parts.append(sql.SQL("ENCODING {}").format(sql.Literal(encoding)))
    provider = {"i": "icu", "b": "builtin"}.get(locale.get("provider", "c"))
    if provider:
        parts.append(sql.SQL("LOCALE_PROVIDER {}").format(sql.Identifier(provider)))
    if provider and (own := locale.get("locale")):
        its_locale = sql.SQL("ICU_LOCALE" if provider == "icu" else "BUILTIN_LOCALE")
        parts.append(sql.SQL("{} {}").format(its_locale, sql.Literal(own)))
    if rules := locale.get("rules"):
        parts.append(sql.SQL("ICU_RULES {}").format(sql.Literal(rules)))
    for key, word in (("collate", "LC_COLLATE"), ("ctype", "LC_CTYPE")):
        if found := locale.get(key):
            parts.append(sql.SQL("{} {}").format(sql.SQL(word), sql.Literal(found)))
    return sql.SQL(" ").join(parts)


def _own(name: sql.Identifier, found: Mapping[str, Any]) -> Iterator[sql.Composed]:
    yield sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, sql.Identifier(found["owner"]))
    if found["connection_limit"] != -1:
        limit = sql.Literal(found["connection_limit"])
        yield sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(name, limit)
    if found["template"]:
        yield sql.SQL("ALTER DATABASE {} IS_TEMPLATE true").format(name)
    if found["comment"] is not None:
        yield sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(found["comment"]))


def _grants(connection: psycopg.Connection, database: str, found: Mapping[str, Any]) -> Iterator[sql.Composed]:
    if not found["granted"]:
        return
    name = sql.Identifier(database)
    for everyone in (sql.SQL("PUBLIC"), sql.Identifier(found["owner"])):
        yield sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(name, everyone)
    for role, privilege, grantable in rows(connection, "database_grants", {"database": database}):
        to = sql.Identifier(role) if role else sql.SQL("PUBLIC")
        option = sql.SQL(" WITH GRANT OPTION" if grantable else "")
        yield sql.SQL("GRANT {} ON DATABASE {} TO {}{}").format(sql.SQL(privilege), name, to, option)


def _parameters(connection: psycopg.Connection, database: str) -> Iterator[sql.Composed]:
    for role, setting in rows(connection, "database_parameters", {"database": database}):
        parameter, _, value = setting.partition("=")
        whose: Sequence[sql.Composable] = (
            [sql.SQL("ALTER ROLE {} IN DATABASE").format(sql.Identifier(role))] if role else [sql.SQL("ALTER DATABASE")]
        )
        yield sql.SQL("{} {} SET {} TO {}").format(
            whose[0], sql.Identifier(database), sql.Identifier(parameter), _value(parameter, value)
        )


def _value(parameter: str, value: str) -> sql.Composable:
    if parameter.lower() in _LISTS:
        return sql.SQL(value) if value else sql.Literal("")  # quoted by the server
    return sql.Literal(value)
