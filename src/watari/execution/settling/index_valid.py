"""Is the index there, and valid? An invalid one is what a build that was cancelled or killed leaves behind."""

from __future__ import annotations

from psycopg import sql

from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.settling import Settled
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """HALF where the index is there and not valid: a retry with IF NOT EXISTS would skip it and call it done."""
    row = execution.session.guard.execute(load("index_state"), [question.relation]).fetchone()
    if row is None:
        return Settled.NOT
    return Settled.HAPPENED if row[0] else Settled.HALF


def clear(question: Settle, execution: Execution) -> sql.Composed | None:
    """Drops the invalid index without stopping anyone."""
    row = execution.session.guard.execute(load("index_state"), [question.relation]).fetchone()
    if row is None:
        return None
    return sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(row[1], row[2]))
