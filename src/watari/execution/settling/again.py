"""A statement that may simply be repeated: doing it twice is doing it once."""

from __future__ import annotations

from watari.execution.execution import Execution
from watari.execution.settling import Settled
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """NOT, always."""
    return Settled.NOT
