"""What takes ALTER COLUMN … TYPE back: the type, and the expressions into which the server has put casts meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Column, ConstraintKind, Table
from watari.planning import definitions
from watari.planning.conversion import back, keeps_expressions
from watari.planning.dependants import constraints_with, indexes_with
from watari.planning.kind import Undo
from watari.planning.scene import Scene
from watari.sql.compose import Raw, composed

__all__ = ["type_back"]


def type_back(table: Table, column: Column, definition: Any, scene: Scene) -> Undo:
    """The statements, in order; None where values from before cannot be had again."""
    first = back(table.name, column, definition)
    if first is None:
        return None
    if keeps_expressions(column, definition):
        return (first,)
    return (first, *_default(table, column), *_checks(table, column, scene), *_indexes(table, column, scene))


def _default(table: Table, column: Column) -> Iterator[str]:
    if column.default is not None and not column.generated:
        template: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}"
        yield composed(template, table=table.name, column=column.name, default=Raw(column.default))


def _checks(table: Table, column: Column, scene: Scene) -> Iterator[str]:
    for constraint in constraints_with(table, column.name, scene):
        if constraint.kind is ConstraintKind.CHECK and constraint.definition:
            yield composed("ALTER TABLE {table} DROP CONSTRAINT {name}", table=table.name, name=constraint.name)
            yield from definitions.constraint(constraint)


def _indexes(table: Table, column: Column, scene: Scene) -> Iterator[str]:
    for index in indexes_with(table, column.name, scene):
        computed = index.predicate is not None or None in index.columns
        if computed and index.definition and not index.constraint:
            yield composed("DROP INDEX {name}", name=index.name)
            yield from definitions.index(index)
