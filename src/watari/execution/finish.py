"""The last transaction of a step that could not be one: its journal row and, with the migration's last step, the history."""

from __future__ import annotations

from psycopg import sql

from watari.execution import script
from watari.execution.execution import Execution
from watari.execution.failure import stopped
from watari.execution.patience import GIVES_WAY, Patience
from watari.execution.wire import encoded, roll_back, send
from watari.planning.plan import Step


def finish(step: Step, execution: Execution, row: sql.Composable) -> None:
    """Commits `row` and the history, giving way to whoever holds the history table.

    Raises `PatienceSpent` or `StatementFailed`; the step then is as unfinished as before.
    """
    work = execution.session.work
    patience = Patience(execution, step)
    while True:
        message = encoded([script.BEGIN, *script.closing(step, execution, row)], work)
        failure = send(work, message, patience.watch()).failure
        if failure is None:
            return
        roll_back(work)
        if not isinstance(failure, GIVES_WAY):
            raise stopped(failure, run=execution.run, step=step)
        patience.give_way(failure, attempt=execution.attempts.get(step.id, 1))
