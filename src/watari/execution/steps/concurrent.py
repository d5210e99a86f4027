"""A step that refuses a transaction: its intent is written first, and the catalog says afterwards what came of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psycopg
from psycopg import pq, sql

from watari.errors.stopped import BuildStopped, RunStopped
from watari.evidence.event import EventKind, said
from watari.execution.blockers import listed
from watari.execution.execution import Execution
from watari.execution.failure import reason, shown, stopped
from watari.execution.finish import finish
from watari.execution.journal import Entry
from watari.execution.looking import Look
from watari.execution.patience import GIVES_WAY
from watari.execution.session import milliseconds
from watari.execution.settling import Settled, clear, settle
from watari.execution.wire import encoded, send
from watari.locale import Text
from watari.planning.plan import Step

# a deadlock with an application's transaction may come again; a build that fails this often will go on failing
_TRIES = 4
_CLEARING = 10.0
_OUT_OF_TIME = Text(
    en="{reason}, after {seconds} s; in the way: {blockers}", ja="{seconds} 秒経過 ({reason})。保持者: {blockers}"
)


def execute(step: Step, execution: Execution) -> None:
    """Does the statement, settles it from the catalog, and repeats it where only half of it happened.

    Raises `BuildStopped` or `StatementFailed`; what an unsuccessful build left is taken away before the next try, in this
    start or in the next.
    """
    if left := execution.left_behind(step):
        entry = Entry(run=execution.run, step=step, attempt=left.number)
        if settle(step.settle, execution) is Settled.HAPPENED:
            finish(step, execution, entry.settled("done"))
            return
        execution.session.work.execute(entry.settled("failed", error="the process ended before the statement did"))
    for _ in range(_TRIES):
        if _Try(step, execution).done():
            return
    raise BuildStopped(
        run=execution.run, step=step.id, attempts=execution.attempts[step.id], reason=f"in vain {_TRIES} times"
    )


class _Try:
    """One try of the statement, with its row in the journal."""

    def __init__(self, step: Step, execution: Execution) -> None:
        self._step = step
        self._execution = execution
        self._entry = execution.entry(step)
        self._look = Look(step, execution)

    def done(self) -> bool:
        """Whether it happened; False: it may be tried again. Raises a `RunStopped` where it may not."""
        budget = self._execution.policy.concurrent_budget
        cleared = self._clear(budget)
        if not cleared:
            self._look.at_snapshots()
        self._execution.session.work.execute(self._entry.intend())
        if cleared and settle(self._step.settle, self._execution) is Settled.HAPPENED:
            finish(self._step, self._execution, self._entry.settled("done"))
            return True
        failure = self._send()
        half = failure is None and settle(self._step.settle, self._execution) is Settled.HALF
        if failure is None and not half:
            finish(self._step, self._execution, self._entry.settled("done", effects=self._look.effects()))
            return True
        condition = self._condition(failure) if failure else None
        self._write_failure(str(condition or "what it made is not valid"), condition)
        if condition is None or isinstance(failure, GIVES_WAY):
            return False
        with contextlib.suppress(psycopg.Error):  # the next start does it, should it take too long now
            self._clear(min(budget, _CLEARING))
        raise condition

    def _clear(self, seconds: float) -> bool:
        """Takes away, or brings to its end, what half of the step left, each in so many seconds; whether anything was left."""
        work, found = self._execution.session.work, False
        while clearing := clear(self._step.settle, self._execution):
            found = True
            what = said(clearing.words, sql=clearing.statement.as_string(work))
            self._execution.tell(EventKind.NOTICE, self._step, **what)
            with _unhurried(self._execution, seconds):
                failure = send(work, encoded([clearing.statement], work), self._look.watch()).failure
            if failure:
                raise failure
        return found

    def _send(self) -> psycopg.Error | None:
        """Sends the statements; the failure of the first that failed comes out."""
        work = self._execution.session.work
        for statement in self._step.sql:
            began = time.monotonic()
            for setting in self._step.session:
                if failure := send(work, encoded([setting], work)).failure:
                    return failure
            with _unhurried(self._execution, self._execution.policy.concurrent_budget):
                failure = send(work, encoded([statement], work), self._look.watch()).failure
            if failure:
                return failure
            seconds = round(time.monotonic() - began, 6)
            self._execution.tell(EventKind.STATEMENT, self._step, sql=shown(statement), seconds=seconds)
        return None

    def _write_failure(self, error: str, condition: RunStopped | None) -> None:
        work = self._execution.session.work
        if work.closed and condition:
            raise condition
        work.execute(self._entry.settled("failed", error=error, blockers=self._look.blockers))

    def _condition(self, failure: psycopg.Error) -> RunStopped:
        run, step = self._execution.run, self._step
        if isinstance(failure, psycopg.errors.QueryCanceled):
            budget = f"{self._execution.policy.concurrent_budget:g}"
            why = _OUT_OF_TIME(reason=reason(failure), seconds=budget, blockers=listed(self._look.blockers))
            return BuildStopped(run=run, step=step.id, attempts=self._entry.attempt, reason=why)
        return stopped(failure, run=run, step=step, statement=step.sql[0])


@contextlib.contextmanager
def _unhurried(execution: Execution, seconds: float) -> Iterator[None]:
    """While inside, a statement may wait for locks (behind which nobody queues) and take so many seconds."""
    work = execution.session.work
    limit = sql.Literal(milliseconds(seconds))
    work.execute(sql.SQL("set lock_timeout = 0; set statement_timeout = {}").format(limit))
    try:
        yield
    finally:
        if not work.closed and work.pgconn.transaction_status == pq.TransactionStatus.IDLE:
            work.execute("reset lock_timeout; reset statement_timeout")
