"""Is the database there? The server makes one completely or not at all."""

from __future__ import annotations

from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.settling import Settled
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """HAPPENED where a database of that name is on the server."""
    row = execution.session.guard.execute(load("database_there"), [question.relation]).fetchone()
    return Settled.HAPPENED if row and row[0] else Settled.NOT
