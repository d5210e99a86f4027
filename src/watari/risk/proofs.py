"""What a validated CHECK already proves, as far as the server itself can see it.

Source: `ConstraintImpliedByRelConstraint`, `NotNullImpliedByRelConstraints` (tablecmds.c), `predicate_implied_by`; measured in
section 3.3 of the rules: `c IS NOT NULL`, alone, joined by AND or as NOT (c IS NULL), proves; `c > 0` and OR do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from watari.catalog import ConstraintKind, Name
from watari.errors.usage import ScriptSyntax
from watari.risk.world import World
from watari.sql.grammar import body, choice, kept, strings
from watari.sql.statement import Statement

__all__ = ["checks_of", "column_of", "constraint_node", "is_proved_not_null"]


@lru_cache(maxsize=4096)
def constraint_node(definition: str) -> Any | None:
    """The tree of a constraint's definition as the server writes it; None where it is not one."""
    try:
        node = Statement(text=" ".join(["ALTER TABLE t ADD", definition]), file="").node
    except ScriptSyntax:
        return None
    return kept(node.alter_table_stmt.cmds[0].alter_table_cmd)


def checks_of(world: World, table: Name) -> Iterator[Any]:
    """The parts, joined by AND, of all validated checks of a table."""
    for constraint in world.constraints_of(table, ConstraintKind.CHECK):
        if constraint.validated and constraint.enforced and (node := constraint_node(constraint.definition)):
            yield from _conjuncts(node.raw_expr)


def _conjuncts(node: Any) -> Iterator[Any]:
    kind, inner = body(node)
    if kind == "bool_expr" and choice(inner, "boolop") == "AND_EXPR":
        for argument in inner.args:
            yield from _conjuncts(argument)
    else:
        yield node


def is_proved_not_null(world: World, table: Name, column: str) -> bool:
    """Whether a column is known to the server to hold no NULL, so that SET NOT NULL need not look."""
    found = world.table(table)
    known = found.column(column) if found else None
    if known and known.not_null and not _unvalidated(world, table, column):
        return True
    return any(_says_not_null(part, column) for part in checks_of(world, table))


def _unvalidated(world: World, table: Name, column: str) -> bool:
    not_null = world.constraints_of(table, ConstraintKind.NOT_NULL)
    return any(not c.validated for c in not_null if c.columns == (column,))


def _says_not_null(node: Any, column: str) -> bool:
    kind, inner = body(node)
    if kind == "null_test":
        return choice(inner, "nulltesttype") == "IS_NOT_NULL" and column_of(inner.arg) == column
    if kind == "bool_expr" and choice(inner, "boolop") == "NOT_EXPR":
        kind, inner = body(inner.args[0])
        return kind == "null_test" and choice(inner, "nulltesttype") == "IS_NULL" and column_of(inner.arg) == column
    return False


def column_of(node: Any) -> str | None:
    """The column that a node is, casts aside."""
    kind, inner = body(node)
    while kind in ("type_cast", "collate_clause"):
        kind, inner = body(inner.arg)
    return strings(inner.fields)[-1] if kind == "column_ref" else None
