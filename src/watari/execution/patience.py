"""Gives way to others: a short wait for a lock, a pause without any, and another try, within a budget."""

from __future__ import annotations

import time
from collections.abc import Collection

import psycopg

from watari.catalog import LockMode, Name
from watari.errors.stopped import PatienceSpent
from watari.evidence.event import EventKind
from watari.execution.blockers import listed, told
from watari.execution.execution import Execution
from watari.execution.persuasion import Persuasion
from watari.execution.wire import Watch
from watari.planning.plan import Step
from watari.postgres.activity import Blocker, blockers_of, holders

#: Errors that say "somebody was in the way": the transaction is rolled back and may be tried again.
GIVES_WAY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)

_FIRST_PAUSE, _LONGEST_PAUSE, _RISE = 0.05, 1.0, 1.6
# whose transaction is older will hardly end within the few milliseconds that a lock is waited for
_LASTING = 1.0
# and yet it is asked for now and then, since nobody can know
_ASKED_EVERY = 5.0


class Patience:
    """How long one step has waited and may still wait, and who was seen in its way last."""

    def __init__(self, execution: Execution, step: Step) -> None:
        self._execution = execution
        self._step = step
        self._persuasion = Persuasion(execution, step)
        self._pause = _FIRST_PAUSE
        self._asked = time.monotonic()
        self.waited = 0.0
        self.blockers: tuple[Blocker, ...] = ()
        self.relax()

    def watch(self, *, every: float | None = None) -> Watch:
        """Looks who is in the way, shortly before the wait for a lock is given up; or every so many seconds."""
        timeout = self._execution.policy.lock_timeout
        if every:
            return Watch(look=self._look, first=every, every=every)
        return Watch(look=self._look, first=timeout * 0.6, every=max(1.0, timeout * 0.8))

    def stands_back(self, locks: Collection[tuple[Name, LockMode]]) -> bool:
        """Whether somebody stands in the way of `locks` who will hardly let go in time: then they are not asked for.

        An application that queues behind a request gains nothing from one that cannot be granted.
        """
        found = self._holders(locks)
        if not any((one.transaction_age or 0.0) > _LASTING and not one.autovacuum for one in found):
            return self._asks()
        self.blockers = found
        return time.monotonic() - self._asked < _ASKED_EVERY or self._asks()

    def _asks(self) -> bool:
        self._asked = time.monotonic()
        return False

    def _holders(self, locks: Collection[tuple[Name, LockMode]]) -> tuple[Blocker, ...]:
        session = self._execution.session
        ours = [session.guard.info.backend_pid, session.work.info.backend_pid]
        modes: dict[LockMode, list[Name]] = {}
        for name, mode in locks:
            modes.setdefault(mode, []).append(name)
        found = (holders(session.guard, names, mode, ours=ours) for mode, names in modes.items())
        return tuple(one for some in found for one in some if one.granted)

    def give_way(self, conflict: psycopg.Error, *, attempt: int) -> float:
        """Tells who is in the way and pauses; the pause in seconds comes out.

        Raises `PatienceSpent` where the next try would begin after the budget.
        """
        return self.pause_after(conflict.diag.message_primary or type(conflict).__name__, attempt=attempt)

    def pause_after(self, why: str, *, attempt: int, asked: bool = True) -> float:
        """The same for a conflict that somebody else tells of, or that was foreseen (`asked` False)."""
        pause = self._next_pause()
        self._count()
        self._tell(why, attempt, pause, asked=asked)
        self._persuasion.try_on(self.blockers)
        if self.spent(pause):
            raise self.give_up()
        time.sleep(pause)
        self.waited += pause
        return pause

    def spent(self, pause: float = 0.0) -> bool:
        """Whether the budget does not reach beyond the next pause."""
        seconds, budget = self._account()
        return seconds + pause > budget

    def give_up(self) -> PatienceSpent:
        """The condition that names who was in the way."""
        return PatienceSpent(
            run=self._execution.run,
            step=self._step.id,
            seconds=f"{self._account()[1]:g}",
            blockers=listed(self.blockers),
        )

    def relax(self) -> None:
        """After a success: the next pause is short, and the budget whole again."""
        self._pause = _FIRST_PAUSE
        self._counted = time.monotonic()
        self._seconds = self._for_dumps = 0.0

    def _count(self) -> None:
        """The time since the last count: a dump comes to its end, and is waited out on an account of its own."""
        now = time.monotonic()
        if any(blocker.dump for blocker in self.blockers):
            self._for_dumps += now - self._counted
        else:
            self._seconds += now - self._counted
        self._counted = now

    def _account(self) -> tuple[float, float]:
        """Seconds waited so far, and how many the policy allows, for those who are in the way now."""
        since = time.monotonic() - self._counted
        if any(blocker.dump for blocker in self.blockers):
            return self._for_dumps + since, self._execution.policy.dump_budget
        return self._seconds + since, self._execution.policy.lock_budget

    def _next_pause(self) -> float:
        from random import uniform

        pause = self._pause * uniform(0.5, 1.5)  # two who wait for one another must not wait in step
        self._pause = min(_LONGEST_PAUSE, self._pause * _RISE)
        return min(pause, _LONGEST_PAUSE)

    def _look(self) -> None:
        session = self._execution.session
        if found := blockers_of(session.guard, session.work.info.backend_pid):
            self.blockers = found

    def _tell(self, why: str, attempt: int, pause: float, *, asked: bool) -> None:
        seconds, budget = self._account()
        self._execution.tell(
            EventKind.LOCK_WAIT,
            self._step,
            attempt=attempt,
            asked=asked,
            reason=why,
            **told(self.blockers),
            pause_seconds=round(pause, 3),
            waited_seconds=round(seconds, 3),
            budget_seconds=budget,
        )
