"""The names that the statements of a plan give and take away.

What is kept cannot go on by a name that is given anew, and nothing can be kept that is made of what is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from watari.planning.trees import words
from watari.sql.grammar import body, choice, strings
from watari.sql.statement import Statement

__all__ = ["columns_made", "names_going", "names_made"]


def names_made(statements: Iterable[Statement]) -> frozenset[str]:
    """The names, without schemas, of tables, views, sequences and indexes that are made or renamed to."""
    return frozenset(name for statement in statements for name in _made(statement) if name)


def _made(statement: Statement) -> Iterator[str]:
    kind, node = body(statement.node)
    match kind:
        case "create_stmt" | "create_foreign_table_stmt":
            yield node.relation.relname if kind == "create_stmt" else node.base_stmt.relation.relname
        case "view_stmt":
            yield node.view.relname
        case "create_table_as_stmt":
            yield node.into.rel.relname
        case "create_seq_stmt":
            yield node.sequence.relname
        case "index_stmt":
            yield node.idxname
        case "rename_stmt":
            yield node.newname


def columns_made(statements: Iterable[Statement]) -> frozenset[tuple[str, str]]:
    """The columns that are added, or renamed to, each with the name of its table, without schema, before it."""
    return frozenset(made for statement in statements for made in _columns_made(statement))


def _columns_made(statement: Statement) -> Iterator[tuple[str, str]]:
    kind, node = body(statement.node)
    if kind == "rename_stmt" and choice(node, "rename_type") == "OBJECT_COLUMN":
        yield node.relation.relname, node.newname
    elif kind == "alter_table_stmt":
        commands = (each.alter_table_cmd for each in node.cmds)
        added = (getattr(c, "def").column_def.colname for c in commands if choice(c, "subtype") == "AT_AddColumn")
        yield from ((node.relation.relname, column) for column in added)


#: Objects of which columns, defaults and triggers are made.
_MATERIAL = frozenset(
    f"OBJECT_{kind}" for kind in ("TYPE", "DOMAIN", "SEQUENCE", "FUNCTION", "PROCEDURE", "ROUTINE", "COLLATION")
)


def names_going(statements: Iterable[Statement]) -> frozenset[str]:
    """The names, without schemas, of types, functions and sequences that are dropped, those before a rename included."""
    going: set[str] = set()
    renamed: list[tuple[str, str]] = []
    for statement in statements:
        if statement.kind == "drop_stmt" and choice(statement.node.drop_stmt, "remove_type") in _MATERIAL:
            going.update(words(object)[-1] for object in statement.node.drop_stmt.objects)
        elif statement.kind == "rename_stmt":
            renamed += _renamed(statement.node.rename_stmt)
    for old, new in reversed(renamed):
        if new in going:
            going.add(old)
    return frozenset(going)


def _renamed(node: Any) -> Iterator[tuple[str, str]]:
    if choice(node, "rename_type") not in _MATERIAL:
        return
    if node.HasField("relation"):
        yield node.relation.relname, node.newname
    elif node.object.WhichOneof("node") == "list":
        yield strings(node.object.list.items)[-1], node.newname
    elif node.object.WhichOneof("node"):
        yield words(node.object)[-1], node.newname
