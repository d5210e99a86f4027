"""Is the index gone? One that a cancelled drop left invalid is dropped by the same statement once more."""

from __future__ import annotations

from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.settling import Settled
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """HAPPENED where no index goes by that name."""
    row = execution.session.guard.execute(load("index_state"), [question.relation]).fetchone()
    return Settled.HAPPENED if row is None else Settled.NOT
