"""Asks, before the first step, whether rows are there that would make a later one fail."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from watari.errors.refused import PrecheckFailed
from watari.evidence.event import Event, EventKind, EventSink, said
from watari.locale import Text
from watari.planning.plan import Precheck

# of a table or column that an earlier step of the same plan will make: nothing can be wrong with its rows
_NOT_YET = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InvalidSchemaName)


# a reader's place in the queue stands in nobody's way but that of exclusive locks
_UNHURRIED = "set lock_timeout = '5s'"
_ASKED = Text(en="precheck {name} of {object}: {count} rows", ja="事前チェック {name} ({object}): {count} 行")


def require(checks: Sequence[Precheck], connection: psycopg.Connection, events: EventSink) -> None:
    """Returns if every query answers 0; raises `PrecheckFailed` with all the counts."""
    if not checks:
        return
    connection.execute(_UNHURRIED)
    try:
        counts = [(check, _count(check, connection)) for check in checks]
    finally:
        connection.execute("reset lock_timeout")
    for check, count in counts:
        events(Event(kind=EventKind.NOTICE, step=check.step, data=_data(check, count)))
    failed = [(check, count) for check, count in counts if count]
    if failed:
        failures = ", ".join(f"{count} {check.name} in {check.object}" for check, count in failed)
        raise PrecheckFailed(failures=failures, query=" ".join(failed[0][0].query.split()))


def _count(check: Precheck, connection: psycopg.Connection) -> int | None:
    try:
        row = connection.execute(sql.SQL(check.query)).fetchone()
    except _NOT_YET:
        return None
    return int(row[0]) if row else 0


def _data(check: Precheck, count: int | None) -> dict[str, object]:
    message = _ASKED(name=check.name, object=check.object, count="-" if count is None else count)
    return said(message, precheck=check.name, object=check.object, count=count, query=check.query)
