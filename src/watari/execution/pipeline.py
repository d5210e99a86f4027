"""The fast way for steps that touch nothing that existed before: many transactions a message, the next one ready in time.

Each step still is a transaction of its own with its history and journal rows. Only the last of them waits for the disk:
a server that crashes loses the end of the row, journal and objects alike, and the next start does it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from watari.evidence.event import EventKind
from watari.evidence.run import StepState
from watari.execution import script
from watari.execution.execution import Execution
from watari.execution.failure import stopped
from watari.execution.journal import Entry
from watari.execution.patience import GIVES_WAY
from watari.execution.session import milliseconds
from watari.execution.wire import encoded, post, receive, roll_back
from watari.planning.plan import Step, StepKind

# enough to make the round trip cheap, few enough to be told about often
_BATCH = 24
_WAIT_FOR_DISK = sql.SQL("set local synchronous_commit to default")


def fits(step: Step) -> bool:
    """Whether a step may go this way."""
    return step.kind is StepKind.TRANSACTION and not step.waits_for_locks and not step.copies


def execute(steps: Sequence[Step], execution: Execution) -> int:
    """Does the steps in order; how many are done comes out, fewer than given where the next one has to give way.

    Raises `StatementFailed` or `RunCutOff`, naming the step; those before it are done.
    """
    work = execution.session.work
    timeout = milliseconds(execution.policy.statement_timeout)
    work.execute(sql.SQL("set statement_timeout = {}; set synchronous_commit = off").format(sql.Literal(timeout)))
    try:
        return _execute(steps, execution)
    finally:
        # an interruption leaves the server at work; the session is then given up
        if not work.closed and work.info.transaction_status is not TransactionStatus.ACTIVE:
            work.execute("reset statement_timeout; reset synchronous_commit")


def _execute(steps: Sequence[Step], execution: Execution) -> int:
    work = execution.session.work
    batches = _batches(steps, execution)
    done = 0
    batch = next(batches, None)
    if batch:
        post(work, batch.message)
    while batch:
        following = next(batches, None)  # made ready while the server is at work
        answer = receive(work)
        ended = batch.steps_ended(answer.ended)
        done += ended
        if following and not answer.failure:
            post(work, following.message)
        for step in batch.steps[:ended]:
            execution.tell(EventKind.STEP_ENDED, step, state=StepState.DONE.value, attempts=1, quiet=True)
        if answer.failure:
            roll_back(work)
            not_done = [*batch.steps[ended:], *(following.steps if following else ())]
            for step in not_done:
                execution.attempts[step.id] -= 1
            if isinstance(answer.failure, GIVES_WAY):
                return done
            raise _failed(answer.failure, not_done[0], batch.statement(answer.ended), execution)
        batch = following
    return done


class _Batch:
    """Some steps as one message, and where in it each of them ends."""

    def __init__(self, steps: Sequence[Step], execution: Execution, *, last: bool) -> None:
        self.steps = steps
        self._parts: list[list[script.Part]] = []
        for step in steps:
            entry = execution.entry(step)
            disk = [_WAIT_FOR_DISK] if last and step is steps[-1] else []
            closing = script.closing(step, execution, entry.done_quickly())
            self._parts.append([script.BEGIN, *disk, *step.sql, *closing])
        self.message = encoded((part for parts in self._parts for part in parts), execution.session.work)

    def steps_ended(self, statements: int) -> int:
        """How many steps are done when so many statements have ended well."""
        ended = 0
        for parts in self._parts:
            statements -= len(parts)
            if statements < 0:
                break
            ended += 1
        return ended

    def statement(self, ended: int) -> str | None:
        """The team's statement after so many that ended well; None where it is one of watari's own."""
        part = [part for parts in self._parts for part in parts][ended]
        return part if isinstance(part, str) else None


def _batches(steps: Sequence[Step], execution: Execution) -> Iterator[_Batch]:
    for start in range(0, len(steps), _BATCH):
        yield _Batch(steps[start : start + _BATCH], execution, last=start + _BATCH >= len(steps))


def _failed(failure: psycopg.Error, step: Step, statement: str | None, execution: Execution) -> Exception:
    condition = stopped(failure, run=execution.run, step=step, statement=statement)
    if not execution.session.work.closed:
        entry: Entry = execution.entry(step)
        execution.session.work.execute(entry.tried("failed", seconds=0, waited=0, error=str(condition)))
    return condition
