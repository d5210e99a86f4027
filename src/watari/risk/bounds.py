"""Bounds of partitions, and what the checks of a table prove about them.

Source: `ConstraintImpliedByRelConstraint` (tablecmds.c), `predicate_implied_by`; only constants are compared, and only where their
order does not depend on a collation.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from watari.catalog import Name
from watari.errors.usage import ScriptSyntax
from watari.late import pattern
from watari.risk.facts.types import constant_utc
from watari.risk.proofs import checks_of, column_of, is_proved_not_null
from watari.risk.world import World
from watari.sql.grammar import body, choice, kept, strings
from watari.sql.statement import Statement

__all__ = ["Bound", "bound_of_node", "bound_of_text", "compare", "excludes", "implies", "literal", "meets", "takes"]


class Bound(NamedTuple):
    """Which rows a partition takes: of a range the lower and upper end of the first key column, of a list the values."""

    column: str
    lower: str | None = None
    upper: str | None = None
    values: tuple[str, ...] = ()
    default: bool = False


def literal(node: Any) -> str | None:
    """A constant as text, casts aside; None for anything else."""
    kind, inner = body(node)
    while kind == "type_cast":
        kind, inner = body(inner.arg)
    if kind == "a_expr" and not inner.HasField("lexpr") and strings(inner.name) == ("-",):
        negated = literal(inner.rexpr)
        return None if negated is None else "-" + negated
    if kind != "a_const":
        return None
    value = inner.WhichOneof("val")
    return str(getattr(getattr(inner, value), value)).lower() if value == "boolval" else _plain(inner, value)


def _plain(constant: Any, value: str | None) -> str | None:
    return str(getattr(getattr(constant, value), value)) if value in ("ival", "fval", "sval") else None


def bound_of_node(bound: Any, column: str) -> Bound | None:
    """The bound that a PartitionBoundSpec names; None where it is by hash or over expressions."""
    if bound.is_default:
        return Bound(column, default=True)
    if bound.strategy == "l":
        values = [literal(node) for node in bound.listdatums]
        return None if None in values else Bound(column, values=tuple(v for v in values if v is not None))
    if bound.strategy != "r" or len(bound.lowerdatums) != 1:
        return None
    ends = [_end(bound.lowerdatums[0]), _end(bound.upperdatums[0])]
    return None if _UNKNOWN in ends else Bound(column, lower=ends[0], upper=ends[1])


_UNKNOWN = "?"


def _end(node: Any) -> str | None:
    """One end of a range; None for MINVALUE and MAXVALUE, which the grammar takes for columns."""
    return None if node.WhichOneof("node") == "column_ref" else literal(node) or _UNKNOWN


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


_MOMENT = pattern(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|[+-]\d\d(?::?\d\d)?)?\Z")
_AT_UTC = frozenset({"Z", "+00", "-00", "+00:00", "+0000"})


def _moment(text: str, utc: bool) -> str | None:
    """A date or time so that texts compare as moments do; None where that takes a time zone that is not UTC."""
    found = _MOMENT.match(text)
    if found is None:
        return None
    day, time, offset = found.groups()
    if offset is not None and (offset not in _AT_UTC or not utc):
        return None
    return f"{day} {time or '00:00:00'}".ljust(26, "0") if time is None or time.count(":") == 2 else f"{day} {time}:00"


def compare(one: str, other: str, utc: bool) -> int | None:
    """-1, 0 or 1; None where only the server knows the order of these values. `utc`: the session's time zone is."""
    left, right = _number(one), _number(other)
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return (left > right) - (left < right)
    if one == other:
        return 0
    first, second = _moment(one, utc), _moment(other, utc)
    return None if first is None or second is None else (first > second) - (first < second)


class _Limits(NamedTuple):
    """What the checks of a table say of one column."""

    at_least: list[tuple[str, bool]]  # value, whether the value itself is let in
    at_most: list[tuple[str, bool]]
    among: list[tuple[str, ...]]
    not_among: list[tuple[str, ...]]


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}


def _limits(world: World, table: Name, column: str) -> _Limits:
    limits = _Limits([], [], [], [])
    for part in checks_of(world, table):
        kind, inner = body(part)
        if kind == "a_expr":
            _limit(limits, inner, column)
    return limits


def _limit(limits: _Limits, inner: Any, column: str) -> None:
    operator = (strings(inner.name) or ("",))[-1]
    if choice(inner, "kind") in ("AEXPR_IN", "AEXPR_OP_ANY", "AEXPR_OP_ALL") and column_of(inner.lexpr) == column:
        values = _listed(inner.rexpr)
        if values and operator == "=":
            limits.among.append(values)
        elif values and operator == "<>":
            limits.not_among.append(values)
        return
    if choice(inner, "kind") != "AEXPR_OP" or operator not in _MIRRORED:
        return
    value = literal(inner.rexpr)
    if column_of(inner.lexpr) != column or value is None:
        value, operator = literal(inner.lexpr), _MIRRORED[operator]
        if column_of(inner.rexpr) != column or value is None:
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
    values = [literal(item) for item in nodes]
    return () if None in values else tuple(v for v in values if v is not None)


def implies(world: World, table: Name, bound: Bound) -> bool:
    """Whether the checks of a table prove that all its rows fit into the partition's bound."""
    if bound.default or not is_proved_not_null(world, table, bound.column):
        return False
    limits, utc = _limits(world, table, bound.column), constant_utc(world.timezone)
    if bound.values:
        return any(set(values) <= set(bound.values) for values in limits.among)
    low = bound.lower is None or any(_order(value, bound.lower, (0, 1), utc) for value, _ in limits.at_least)
    high = bound.upper is None or any(
        _order(value, bound.upper, (-1,) if included else (-1, 0), utc) for value, included in limits.at_most
    )
    return low and high


def excludes(world: World, table: Name, bound: Bound) -> bool:
    """Whether the checks of a table (a default partition) prove that none of its rows belongs into the bound."""
    limits, utc = _limits(world, table, bound.column), constant_utc(world.timezone)
    if bound.values:
        apart = any(not set(values) & set(bound.values) for values in limits.among)
        return apart or any(set(bound.values) <= set(values) for values in limits.not_among)
    above = bound.upper is not None and any(_order(value, bound.upper, (0, 1), utc) for value, _ in limits.at_least)
    below = bound.lower is not None and any(
        _order(value, bound.lower, (-1,) if included else (-1, 0), utc) for value, included in limits.at_most
    )
    return above or below


def _order(one: str, other: str, wanted: tuple[int, ...], utc: bool) -> bool:
    return compare(one, other, utc) in wanted


def takes(bound: Bound, value: str, utc: bool) -> bool:
    """Whether a row with this value of the key belongs into the bound; True where only the server knows."""
    if bound.values:
        return value in bound.values
    low = None if bound.lower is None else compare(value, bound.lower, utc)
    high = None if bound.upper is None else compare(value, bound.upper, utc)
    return low in (None, 0, 1) and high in (None, -1)


def meets(bound: Bound, operator: str, value: str, utc: bool) -> bool:
    """Whether any row of the partition can compare so with the value; True where only the server knows."""
    if operator == "=":
        return bound.default or takes(bound, value, utc)
    if bound.default:
        return True
    if bound.values:
        wanted = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}[operator]
        return any(compare(one, value, utc) in (None, *wanted) for one in bound.values)
    if operator in ("<", "<="):
        return bound.lower is None or compare(bound.lower, value, utc) in (
            (None, -1, 0) if operator == "<=" else (None, -1)
        )
    return bound.upper is None or compare(bound.upper, value, utc) in (None, 1)
