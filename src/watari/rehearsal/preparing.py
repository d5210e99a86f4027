"""One statement of the application put to a server without being run: is it understood, what does it return, what does it cost?

PREPARE analyses the text, EXPLAIN EXECUTE with a generic plan rewrites and plans it and looks at privileges (PostgreSQL 14 to
18, measured); what only running shows (a check, a unique value, a trigger) is for the judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql

from watari.evidence.application import ApplicationQuery
from watari.rehearsal.inserting import left_out
from watari.rehearsal.queries import load
from watari.values import dataclass

_NAME = "watari_application_query"
_NO_MODIFIER = -1


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What the server makes of a statement.

    `columns` and `parameters` are types by name, `columns` each behind the column's name. `lacking` are the columns that an
    INSERT leaves out and that are required. `cost` is the planner's for a generic plan, `shape` its nodes from the top.
    """

    columns: tuple[str, ...]
    parameters: tuple[str, ...]
    lacking: tuple[str, ...]
    cost: float
    shape: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The server's own words for why it does not take a statement."""

    reason: str


Answer = Understood | Refused


def put(query: ApplicationQuery, connection: psycopg.Connection) -> Answer:
    """The server's answer to `query`; nothing of it is run, and nothing stays. Raises `psycopg.OperationalError`."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(load("plan_generically"))
            _become(query.role, connection)
            return _prepared(query, connection)
    except psycopg.OperationalError:
        if connection.broken:
            raise
        return Refused(reason="out of resources")
    except psycopg.Error as refused:
        return Refused(reason=refused.diag.message_primary or str(refused).partition("\n")[0])
    finally:
        if not connection.broken:
            connection.execute("deallocate all")


def _become(role: str | None, connection: psycopg.Connection) -> None:
    """The role that sends the statement, where this user may take it: privileges are part of the answer."""
    if role is None or role == connection.info.user:
        return
    try:
        with connection.transaction():
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
    except psycopg.Error:
        return


def _prepared(query: ApplicationQuery, connection: psycopg.Connection) -> Understood:
    name = sql.Identifier(_NAME)
    connection.execute(sql.SQL("prepare {} as {}").format(name, sql.SQL(_bare(query.text))))
    described = connection.pgconn.describe_prepared(_NAME.encode())
    parameters = [described.param_type(place) for place in range(described.nparams)]
    columns = [(described.ftype(place), described.fmod(place)) for place in range(described.nfields)]
    types = _names([*((type, _NO_MODIFIER) for type in parameters), *columns], connection)
    names = [(described.fname(place) or b"?").decode() for place in range(described.nfields)]
    plan = _plan(len(parameters), connection)
    return Understood(
        columns=tuple(f"{name} {type}" for name, type in zip(names, types[len(parameters) :], strict=True)),
        parameters=types[: len(parameters)],
        lacking=left_out(query.text, connection),
        cost=float(plan["Total Cost"]),
        shape=" > ".join(_nodes(plan)),
    )


def _bare(text: str) -> str:
    return text.strip().rstrip(";")


def _names(types: Sequence[tuple[int, int]], connection: psycopg.Connection) -> tuple[str, ...]:
    rows = connection.execute(load("type_names"), [[type for type, _ in types], [size for _, size in types]])
    return tuple(name for (name,) in rows)


def _plan(parameters: int, connection: psycopg.Connection) -> dict[str, Any]:
    values = sql.SQL(", ").join([sql.NULL] * parameters)
    call = sql.SQL("({})").format(values) if parameters else sql.SQL("")
    explain = sql.SQL("explain (format json) execute {}{}").format(sql.Identifier(_NAME), call)
    row = connection.execute(explain).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0][0]["Plan"]
    return found


def _nodes(plan: dict[str, Any]) -> Iterator[str]:
    """The nodes from the top, each with the relation or index that it reads."""
    target = plan.get("Index Name") or plan.get("Relation Name")
    yield f"{plan['Node Type']} {target}" if target else plan["Node Type"]
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
