"""What the WHERE of a statement says of single columns: comparisons with constants, joined by AND."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from watari.risk.bounds import literal
from watari.sql.grammar import body, choice, messages, strings

__all__ = ["Test", "Tests", "called_in", "enclosed_columns", "equal_columns", "tests_of"]

_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "="}


class Test(NamedTuple):
    """One comparison of a column; it holds where any of the values does. None stands for a value that only the server knows."""

    operator: str
    values: tuple[str | None, ...]


Tests = Mapping[str, tuple[Test, ...]]


def tests_of(query: Any, around: frozenset[str] = frozenset()) -> Tests:
    """The comparisons on the top level of a query's conditions, by column; `around` are relations of the queries around it."""
    _, inner = body(query) if query.DESCRIPTOR.name == "Node" else ("", query)
    if "where_clause" not in inner.DESCRIPTOR.fields_by_name or not inner.HasField("where_clause"):
        return {}
    found: dict[str, tuple[Test, ...]] = {}
    for column, test in _tests(inner.where_clause, called_in(inner) | around):
        found[column] = (*found.get(column, ()), test)
    return found


def equal_columns(tests: Tests) -> frozenset[str]:
    """The columns that are fixed to a value, or to a few."""
    return frozenset(column for column, found in tests.items() if any(test.operator == "=" for test in found))


def enclosed_columns(tests: Tests) -> frozenset[str]:
    """The columns between two constants, which the server takes for a short range where it has no better reason."""
    found = {
        column: "".join(test.operator for test in many if None not in test.values) for column, many in tests.items()
    }
    return frozenset(column for column, operators in found.items() if "<" in operators and ">" in operators)


def called_in(query: Any) -> frozenset[str]:
    """What a query calls its relations."""
    parts = [*getattr(query, "from_clause", ()), *getattr(query, "using_clause", ())]
    if "relation" in query.DESCRIPTOR.fields_by_name and query.HasField("relation"):
        parts.append(query.relation)
    variables = [m for part in parts for m in messages(part) if m.DESCRIPTOR.name in ("RangeVar", "RangeSubselect")]
    return frozenset(m.alias.aliasname or getattr(m, "relname", "") for m in variables)


def _tests(node: Any, called: frozenset[str]) -> Iterator[tuple[str, Test]]:
    kind, inner = body(node)
    if kind == "bool_expr" and choice(inner, "boolop") == "AND_EXPR":
        for argument in inner.args:
            yield from _tests(argument, called)
    elif kind == "bool_expr" and choice(inner, "boolop") == "OR_EXPR":
        branches = [list(_tests(argument, called)) for argument in inner.args]
        columns = {found[0][0] for found in branches if len(found) == 1 and found[0][1].operator == "="}
        if len(columns) == 1 and all(len(found) == 1 and found[0][1].operator == "=" for found in branches):
            yield columns.pop(), Test("=", tuple(value for found in branches for value in found[0][1].values))
    elif kind == "a_expr":
        yield from _comparison(inner, called)


def _comparison(inner: Any, called: frozenset[str]) -> Iterator[tuple[str, Test]]:
    kind, operator = choice(inner, "kind"), (strings(inner.name) or ("",))[-1]
    column = _column(inner.lexpr, called)
    if kind == "AEXPR_BETWEEN" and column and len(inner.rexpr.list.items) == 2:
        for limit, node in zip((">=", "<="), inner.rexpr.list.items, strict=True):
            yield column, Test(limit, (literal(node),))
    elif kind in ("AEXPR_IN", "AEXPR_OP_ANY") and column and operator == "=":
        yield column, Test("=", _listed(inner.rexpr))
    elif kind == "AEXPR_OP" and operator in _MIRRORED:
        other = _column(inner.rexpr, called)
        if column and not other:  # two columns are a join
            yield column, Test(operator, (literal(inner.rexpr),))
        elif other and not column:
            yield other, Test(_MIRRORED[operator], (literal(inner.lexpr),))


def _column(node: Any, called: frozenset[str]) -> str | None:
    """The column of a relation; None for a value: a field of a record of PL/pgSQL (`NEW.id`)."""
    if node.WhichOneof("node") != "column_ref":
        return None
    words = strings(node.column_ref.fields)
    return words[-1] if words and (len(words) == 1 or words[-2] in called) else None


def _listed(node: Any) -> tuple[str | None, ...]:
    kind, inner = body(node)
    while kind == "type_cast":
        kind, inner = body(inner.arg)
    nodes = inner.items if kind == "list" else inner.elements if kind == "a_array_expr" else ()
    return tuple(literal(item) for item in nodes) or (None,)
