"""Is the tablespace, subscription or database gone?"""

from __future__ import annotations

from watari.execution.execution import Execution
from watari.execution.settling import Settled
from watari.execution.settling.object_exists import there
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """HAPPENED where no object of that name and kind is there."""
    return Settled.NOT if there(question, execution) else Settled.HAPPENED
