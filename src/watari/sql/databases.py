"""Scripts that switch databases (`\\c`): which statement belongs to which of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from watari.catalog.name import Name
from watari.sql.statement import Statement
from watari.values import dataclass

#: Databases that every server has; what a script does there concerns the server as a whole.
MAINTENANCE = frozenset({"postgres", "template1"})


def databases_named(statements: Sequence[Statement]) -> tuple[str, ...]:
    """The databases that the statements' `\\c` name, in order, without the server's own ones."""
    return tuple(dict.fromkeys(s.database for s in statements if s.database and s.database not in MAINTENANCE))


def created_database(statement: Statement) -> str | None:
    """The database that the statement creates, None if it creates none."""
    text = statement.text.lower()
    if "database" not in text or "create" not in text:
        return None
    return statement.node.createdb_stmt.dbname if statement.kind == "createdb_stmt" else None


def creates_database(statements: Sequence[Statement], database: str) -> bool:
    """Whether one of the statements is `CREATE DATABASE` for this database."""
    return any(created_database(statement) == database for statement in statements)


def of_database(statements: Sequence[Statement], database: str) -> tuple[Statement, ...]:
    """The statements that belong to `database`, in order.

    Its own `CREATE DATABASE` is among them, those of others are not. What stands before the first `\\c`, or in the server's
    own databases, concerns the whole server (roles, for example) and goes with the first database that the script names, so
    that it runs once. A script without any `\\c` belongs as a whole.
    """
    named = databases_named(statements)
    if not named:
        return tuple(s for s in statements if created_database(s) in (None, database))

    def belongs(statement: Statement) -> bool:
        created = created_database(statement)
        if created is not None:
            return created == database
        if statement.database is None or statement.database in MAINTENANCE:
            return named[0] == database
        return statement.database == database

    return tuple(statement for statement in statements if belongs(statement))


@dataclass(frozen=True, kw_only=True)
class Qualified:
    """A relation whose schema is the name of a database, and the statement that names it."""

    name: Name
    statement: Statement


def qualified_by(statements: Sequence[Statement], databases: Sequence[str]) -> tuple[Qualified, ...]:
    """Where statements name a database as if it were a schema (`apidb.profiles`), each relation once a statement.

    Raises `ScriptSyntax` where a statement does not parse.
    """
    found = []
    for statement in statements:
        if not any(database in statement.text for database in databases):
            continue
        relations = [(r.catalogname or r.schemaname, r.relname) for r in _relations(statement.node)]
        names = dict.fromkeys(Name(first, relation) for first, relation in relations if first in databases)
        found += [Qualified(name=name, statement=statement) for name in names]
    return tuple(found)


def _relations(message: Any) -> Iterator[Any]:
    """Every relation named in a parse tree."""
    if message.DESCRIPTOR.name == "RangeVar":
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for child in value if field.is_repeated else (value,):
                yield from _relations(child)
