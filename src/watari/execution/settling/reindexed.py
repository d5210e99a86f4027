"""Did a concurrent REINDEX end? What one that did not leaves is an invalid copy beside the index, named _ccnew or _ccold."""

from __future__ import annotations

from psycopg import sql

from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.settling import Clearing, Settled
from watari.execution.settling.index_valid import DROPPED
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """HALF where such a copy is there, else NOT: building the same indexes once more does no harm."""
    return Settled.HALF if _copy(question, execution) else Settled.NOT


def clear(question: Settle, execution: Execution) -> Clearing | None:
    """Drops one copy; a REINDEX of a table can leave several."""
    found = _copy(question, execution)
    if found is None:
        return None
    schema, index = found
    statement = sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(schema, index))
    return Clearing(statement=statement, words=DROPPED(index=f"{schema}.{index}"))


def _copy(question: Settle, execution: Execution) -> tuple[str, str] | None:
    values = {"relation": question.relation or None}
    row = execution.session.guard.execute(load("reindex_copies"), values).fetchone()
    return (row[0], row[1]) if row else None
