"""A step that changes rows some at a time, each batch a transaction with its checkpoint.

By ranges of pages where the work converges, along a key where each row is to be done exactly once.
"""

from __future__ import annotations

from watari.errors.stopped import RunStopped
from watari.execution.backfill.keys import AlongKey
from watari.execution.backfill.pages import ByPages
from watari.execution.backfill.sending import settings
from watari.execution.execution import Execution
from watari.execution.finish import finish
from watari.planning.plan import Step


def execute(step: Step, execution: Execution) -> None:
    """Does the rows from the last checkpoint on.

    Raises `BackfillUnproven`, `PatienceSpent` or `StatementFailed`; the next start goes on from the last checkpoint.
    """
    if step.backfill is None:
        raise ValueError(f"step {step.id} has no backfill")
    attempt = (AlongKey if step.backfill.key else ByPages)(step, step.backfill, execution)
    try:
        with settings(step, step.backfill, execution):
            attempt.run()
    except RunStopped as condition:
        attempt.failed(condition)
        raise
    finish(step, execution, attempt.done())
