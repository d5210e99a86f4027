"""INSERT statements against the columns that a table requires: what the planner accepts and the first row refuses."""

from __future__ import annotations

from typing import Any

import psycopg

from watari.catalog.name import quoted
from watari.errors import WatariError
from watari.rehearsal.queries import load
from watari.sql.grammar import body
from watari.sql.statement import Statement


def left_out(text: str, connection: psycopg.Connection) -> tuple[str, ...]:
    """The required columns that the INSERT `text` gives no value; empty for every other statement."""
    try:
        kind, statement = body(Statement(text=text, file="").node)
    except WatariError:
        return ()
    if kind != "insert_stmt":
        return ()
    table = _regclass(statement.relation)
    required = [name for (name,) in connection.execute(load("required_columns"), [table])]
    given = _given(statement, table, connection) if required else set()
    return tuple(name for name in required if name not in given)


def _regclass(relation: Any) -> str:
    parts = [part for part in (relation.schemaname, relation.relname) if part]
    return ".".join(quoted(part) for part in parts)


def _given(statement: Any, table: str, connection: psycopg.Connection) -> set[str]:
    named = {node.res_target.name for node in statement.cols}
    if named:
        return named
    width = _width(statement)
    if width == 0:  # DEFAULT VALUES
        return set()
    columns = [name for (name,) in connection.execute(load("insert_columns"), [table])]
    return set(columns if width is None else columns[:width])


def _width(statement: Any) -> int | None:
    """How many values a row has; None where only the server knows."""
    if not statement.HasField("select_stmt"):
        return 0
    query = statement.select_stmt.select_stmt
    if query.values_lists:
        return len(query.values_lists[0].list.items)
    stars = any(_is_star(target) for target in query.target_list)
    return None if stars or not query.target_list else len(query.target_list)


def _is_star(target: Any) -> bool:
    value = target.res_target.val
    if value.WhichOneof("node") != "column_ref":
        return False
    return any(field.WhichOneof("node") == "a_star" for field in value.column_ref.fields)
