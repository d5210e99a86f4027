"""What a validated CHECK already proves, as far as the server itself can see it.

Source: `ConstraintImpliedByRelConstraint`, `NotNullImpliedByRelConstraints` (tablecmds.c), `predicate_implied_by`; measured in
section 3.3 of the rules: `c IS NOT NULL`, alone, joined by AND or as NOT (c IS NULL), proves; `c > 0` and OR do not.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from watari.catalog import ConstraintKind, Name
from watari.errors.usage import ScriptSyntax
from watari.risk.world import World
from watari.sql.grammar import body, choice, kept, strings
from watari.sql.statement import Statement

__all__ = ["Bound", "bound_of_node", "bound_of_text", "constraint_node", "excludes", "implies", "is_proved_not_null"]


@lru_cache(maxsize=4096)
def constraint_node(definition: str) -> Any | None:
    """The tree of a constraint's definition as the server writes it; None where it is not one."""
    try:
        node = Statement(text=" ".join(["ALTER TABLE t ADD", definition]), file="").node
    except ScriptSyntax:
        return None
    return kept(node.alter_table_stmt.cmds[0].alter_table_cmd)


def _checks(world: World, table: Name) -> Iterator[Any]:
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
    return any(_says_not_null(part, column) for part in _checks(world, table))


def _unvalidated(world: World, table: Name, column: str) -> bool:
    not_null = world.constraints_of(table, ConstraintKind.NOT_NULL)
    return any(not c.validated for c in not_null if c.columns == (column,))


def _says_not_null(node: Any, column: str) -> bool:
    kind, inner = body(node)
    if kind == "null_test":
        return choice(inner, "nulltesttype") == "IS_NOT_NULL" and _column(inner.arg) == column
    if kind == "bool_expr" and choice(inner, "boolop") == "NOT_EXPR":
        kind, inner = body(inner.args[0])
        return kind == "null_test" and choice(inner, "nulltesttype") == "IS_NULL" and _column(inner.arg) == column
    return False


def _column(node: Any) -> str | None:
    """The column that a node is, casts aside."""
    kind, inner = body(node)
    while kind in ("type_cast", "collate_clause"):
        kind, inner = body(inner.arg)
    return strings(inner.fields)[-1] if kind == "column_ref" else None


# -- partition bounds -----------------------------------------------------------------------------------------------------


class Bound(NamedTuple):
    """Which rows a partition takes: of a range the lower and upper end of the first key column, of a list the values."""

    column: str
    lower: str | None = None
    upper: str | None = None
    values: tuple[str, ...] = ()
    default: bool = False


def _literal(node: Any) -> str | None:
    """A constant as text, casts aside; None for anything else."""
    kind, inner = body(node)
    while kind == "type_cast":
        kind, inner = body(inner.arg)
    if kind == "a_expr" and not inner.HasField("lexpr") and strings(inner.name) == ("-",):
        negated = _literal(inner.rexpr)
        return None if negated is None else "-" + negated
    if kind != "a_const":
        return None
    value = inner.WhichOneof("val")
    if value == "ival":
        return str(inner.ival.ival)
    if value == "boolval":
        return str(inner.boolval.boolval).lower()
    return (
        str(getattr(inner, value).sval if value == "sval" else inner.fval.fval) if value in ("sval", "fval") else None
    )


def bound_of_node(bound: Any, column: str) -> Bound | None:
    """The bound that a PartitionBoundSpec names; None where it is by hash or over expressions."""
    if bound.is_default:
        return Bound(column, default=True)
    if bound.strategy == "l":
        values = [_literal(node) for node in bound.listdatums]
        return None if None in values else Bound(column, values=tuple(v for v in values if v is not None))
    if bound.strategy == "r" and len(bound.lowerdatums) == 1:
        return Bound(column, lower=_literal(bound.lowerdatums[0]), upper=_literal(bound.upperdatums[0]))
    return None


@lru_cache(maxsize=4096)
def bound_of_text(text: str, column: str) -> Bound | None:
    """The bound as the catalog writes it: `FOR VALUES FROM (0) TO (1000)`."""
    try:
        node = Statement(text=" ".join(["ALTER TABLE t ATTACH PARTITION p", text]), file="").node
    except ScriptSyntax:
        return None
    return bound_of_node(kept(node.alter_table_stmt.cmds[0].alter_table_cmd).bound, column)


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _compare(one: str, other: str) -> int | None:
    """-1, 0 or 1; None where only the server knows the order of these values."""
    left, right = _number(one), _number(other)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return (left > right) - (left < right)
    if one == other:
        return 0
    iso = all(len(text) >= 10 and text[4:5] == "-" and text[7:8] == "-" for text in (one, other))
    return (one > other) - (one < other) if iso else None


class _Limits(NamedTuple):
    """What the checks of a table say of one column."""

    at_least: list[tuple[str, bool]]  # value, whether the value itself is let in
    at_most: list[tuple[str, bool]]
    among: list[tuple[str, ...]]
    not_among: list[tuple[str, ...]]


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}


def _limits(world: World, table: Name, column: str) -> _Limits:
    limits = _Limits([], [], [], [])
    for part in _checks(world, table):
        kind, inner = body(part)
        if kind == "a_expr":
            _limit(limits, inner, column)
    return limits


def _limit(limits: _Limits, inner: Any, column: str) -> None:
    operator = (strings(inner.name) or ("",))[-1]
    if choice(inner, "kind") in ("AEXPR_IN", "AEXPR_OP_ANY", "AEXPR_OP_ALL") and _column(inner.lexpr) == column:
        values = _listed(inner.rexpr)
        if values and operator == "=":
            limits.among.append(values)
        elif values and operator == "<>":
            limits.not_among.append(values)
        return
    if choice(inner, "kind") != "AEXPR_OP" or operator not in _MIRRORED:
        return
    value = _literal(inner.rexpr)
    if _column(inner.lexpr) != column or value is None:
        value, operator = _literal(inner.lexpr), _MIRRORED[operator]
        if _column(inner.rexpr) != column or value is None:
            return
    if operator in (">", ">=", "="):
        limits.at_least.append((value, operator != ">"))
    if operator in ("<", "<=", "="):
        limits.at_most.append((value, operator != "<"))
    if operator == "=":
        limits.among.append((value,))


def _listed(node: Any) -> tuple[str, ...]:
    """The constants of `IN (…)` or of `ANY (ARRAY[…])`."""
    kind, inner = body(node)
    while kind == "type_cast":
        kind, inner = body(inner.arg)
    nodes = inner.items if kind == "list" else inner.elements if kind == "a_array_expr" else ()
    values = [_literal(item) for item in nodes]
    return () if None in values else tuple(v for v in values if v is not None)


def implies(world: World, table: Name, bound: Bound) -> bool:
    """Whether the checks of a table prove that all its rows fit into the partition's bound."""
    if bound.default or not is_proved_not_null(world, table, bound.column):
        return False
    limits = _limits(world, table, bound.column)
    if bound.values:
        return any(set(values) <= set(bound.values) for values in limits.among)
    low = bound.lower is None or any(_order(value, bound.lower, (0, 1)) for value, _ in limits.at_least)
    high = bound.upper is None or any(
        _order(value, bound.upper, (-1,) if included else (-1, 0)) for value, included in limits.at_most
    )
    return low and high


def excludes(world: World, table: Name, bound: Bound) -> bool:
    """Whether the checks of a table (a default partition) prove that none of its rows belongs into the bound."""
    limits = _limits(world, table, bound.column)
    if bound.values:
        apart = any(not set(values) & set(bound.values) for values in limits.among)
        return apart or any(set(bound.values) <= set(values) for values in limits.not_among)
    above = bound.upper is not None and any(_order(value, bound.upper, (0, 1)) for value, _ in limits.at_least)
    below = bound.lower is not None and any(
        _order(value, bound.lower, (-1,) if included else (-1, 0)) for value, included in limits.at_most
    )
    return above or below


def _order(one: str, other: str, wanted: tuple[int, ...]) -> bool:
    return _compare(one, other) in wanted
