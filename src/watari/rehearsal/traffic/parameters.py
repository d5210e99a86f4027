"""Which column each parameter of a statement stands against: that says where its values come from. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.errors import WatariError
from watari.sql.grammar import Written, body, gathered, relation_references, strings
from watari.sql.statement import Statement
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Against:
    """One parameter: `column` is None where none stands beside it; `new` for a value that an INSERT brings in."""

    number: int
    column: str | None
    new: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A statement that can be sent: its relations as written, and its parameters in order."""

    relations: tuple[Written, ...]
    parameters: tuple[Against, ...]


def asked(text: str) -> Asked | None:
    """What a statement asks of which relations; None where the grammar does not know it."""
    try:
        _, statement = body(Statement(text=text, file="").node)
    except WatariError:
        return None
    parts = gathered(statement)
    found = {against.number: against for against in _found(statement, parts)}
    numbers = sorted({each.number for each in parts.get("ParamRef", ())} | found.keys())
    if numbers and numbers != list(range(1, numbers[-1] + 1)):
        return None
    relations = tuple(relation_references(parts))
    if "relation" in statement.DESCRIPTOR.fields_by_name and statement.relation.relname:
        own = statement.relation
        relations = (Written(own.schemaname or None, own.relname), *relations)
    return Asked(
        relations=tuple(dict.fromkeys(relations)),
        parameters=tuple(found.get(number, Against(number=number, column=None)) for number in numbers),
    )


def _found(statement: Any, parts: dict[str, list[Any]]) -> Iterator[Against]:
    for expression in parts.get("A_Expr", ()):
        yield from _compared(expression)
    for target in parts.get("ResTarget", ()):
        if target.name and (number := _number(target.val)):
            yield Against(number=number, column=target.name)
    if statement.DESCRIPTOR.name == "InsertStmt":
        yield from _inserted(statement)


def _compared(expression: Any) -> Iterator[Against]:
    for one, other in ((expression.lexpr, expression.rexpr), (expression.rexpr, expression.lexpr)):
        if one.WhichOneof("node") == "column_ref":
            column = strings(one.column_ref.fields)
            for number in _numbers(other):
                yield Against(number=number, column=column[-1] if column else None)


def _inserted(statement: Any) -> Iterator[Against]:
    columns = [node.res_target.name for node in statement.cols]
    for row in statement.select_stmt.select_stmt.values_lists:
        for column, value in zip(columns, row.list.items, strict=False):
            if number := _number(value):
                yield Against(number=number, column=column, new=True)


def _number(node: Any) -> int | None:
    """The parameter that a node is, through casts."""
    kind = node.WhichOneof("node")
    if kind == "type_cast":
        return _number(node.type_cast.arg)
    return node.param_ref.number if kind == "param_ref" else None


def _numbers(node: Any) -> Iterator[int]:
    if node.WhichOneof("node") == "list":
        for item in node.list.items:
            yield from _numbers(item)
    elif number := _number(node):
        yield number
