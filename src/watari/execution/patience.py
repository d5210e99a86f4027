"""Gives way to others: a short wait for a lock, a pause without any, and another try, within a budget."""

from __future__ import annotations

import random
import time

import psycopg

from watari.errors.stopped import PatienceSpent
from watari.evidence.event import EventKind
from watari.execution.blockers import listed, told
from watari.execution.execution import Execution
from watari.execution.wire import Watch
from watari.planning.plan import Step
from watari.postgres.activity import Blocker, blockers_of

#: Errors that say "somebody was in the way": the transaction is rolled back and may be tried again.
GIVES_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

_FIRST_PAUSE, _LONGEST_PAUSE, _RISE = 0.05, 1.0, 1.6


class Patience:
    """How long one step has waited and may still wait, and who was seen in its way last."""

    def __init__(self, execution: Execution, step: Step) -> None:
        self._execution = execution
        self._step = step
        self._began = time.monotonic()
        self._pause = _FIRST_PAUSE
        self.waited = 0.0
        self.blockers: tuple[Blocker, ...] = ()

    def watch(self, *, every: float | None = None) -> Watch:
        """Looks who is in the way, shortly before the wait for a lock is given up; or every so many seconds."""
        timeout = self._execution.policy.lock_timeout
        if every:
            return Watch(look=self._look, first=every, every=every)
        return Watch(look=self._look, first=timeout * 0.6, every=max(1.0, timeout * 0.8))

    def give_way(self, conflict: psycopg.Error, *, attempt: int) -> float:
        """Tells who is in the way and pauses; the pause in seconds comes out.

        Raises `PatienceSpent` where the next try would begin after the budget.
        """
        return self.pause_after(conflict.diag.message_primary or type(conflict).__name__, attempt=attempt)

    def pause_after(self, why: str, *, attempt: int) -> float:
        """The same for a conflict that somebody else tells of."""
        pause = self._next_pause()
        self._tell(why, attempt, pause)
        if self.spent(pause):
            raise self.give_up()
        time.sleep(pause)
        self.waited += pause
        return pause

    def spent(self, pause: float = 0.0) -> bool:
        """Whether the budget does not reach beyond the next pause."""
        return time.monotonic() - self._began + pause > self._execution.policy.lock_budget

    def give_up(self) -> PatienceSpent:
        """The condition that names who was in the way."""
        return PatienceSpent(
            run=self._execution.run,
            step=self._step.id,
            seconds=f"{self._execution.policy.lock_budget:g}",
            blockers=listed(self.blockers),
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """Who was in the way last, a line each."""
        return tuple(str(blocker) for blocker in self.blockers)

    def relax(self) -> None:
        """After a success: the next pause is short, and the budget whole again."""
        self._pause = _FIRST_PAUSE
        self._began = time.monotonic()

    def _next_pause(self) -> float:
        pause = self._pause * random.uniform(0.5, 1.5)  # two who wait for one another must not wait in step
        self._pause = min(_LONGEST_PAUSE, self._pause * _RISE)
        return min(pause, _LONGEST_PAUSE)

    def _look(self) -> None:
        session = self._execution.session
        if found := blockers_of(session.guard, session.work.info.backend_pid):
            self.blockers = found

    def _tell(self, why: str, attempt: int, pause: float) -> None:
        self._execution.tell(
            EventKind.LOCK_WAIT,
            self._step,
            attempt=attempt,
            reason=why,
            **told(self.blockers),
            pause_seconds=round(pause, 3),
            waited_seconds=round(time.monotonic() - self._began, 3),
            budget_seconds=self._execution.policy.lock_budget,
        )
