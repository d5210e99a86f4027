"""Does the framework's history show the migration as this plan leaves it?"""

from __future__ import annotations

from watari.evidence.run import Direction
from watari.execution.execution import Execution
from watari.execution.settling import Settled
from watari.migrations import RowState
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """HAPPENED where the history holds the migration that `relation` names, or holds it no more on the way back."""
    rows = execution.framework.history(execution.session.guard)
    applied = any(row.id == question.relation and row.state is RowState.APPLIED for row in rows)
    wanted = execution.plan.direction is Direction.FORWARD
    return Settled.HAPPENED if applied is wanted else Settled.NOT
