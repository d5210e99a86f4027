"""What is seen from the guard's connection while the worker is busy for long: progress, who is in the way, locks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

import psycopg

from watari.evidence.effect import Effect
from watari.evidence.event import EventKind, said
from watari.execution.blockers import listed, told
from watari.execution.execution import Execution
from watari.execution.observation import Sampler
from watari.execution.persuasion import Persuasion
from watari.execution.queries import load
from watari.execution.wire import Watch
from watari.locale import Text
from watari.planning.plan import Step
from watari.postgres.activity import Blocker, blockers_of, old_snapshots

_LOOK_EVERY, _SAMPLE_EVERY = 1.0, 0.005
# whose snapshot is younger will be gone before anybody has read its name
_OLD = 1.0
_SNAPSHOTS = Text(
    en="the build will wait for transactions that began before it: {who}",
    ja="この作成処理は、先に開始された次のトランザクションの終了を待ちます: {who}",
)
_SENT_AWAY = Text(
    en="it waits for the lock of this run, and this run for it: its statement was cancelled: {who}",
    ja="この実行のロックを待つ相手をこの実行も待つことになるため、相手の文をキャンセルしました: {who}",
)


class Look:
    """Looks around for one step; its blockers are dealt with as the policy says."""

    def __init__(self, step: Step, execution: Execution) -> None:
        self._step = step
        self._execution = execution
        self._sampler = Sampler(execution.session) if execution.observe else None
        self._persuasion = Persuasion(execution, step)
        self.blockers: tuple[Blocker, ...] = ()
        self._told = 0.0
        self._began = time.monotonic()
        self._bytes: int | None = None

    def watch(self) -> Watch:
        """How often to look."""
        every = _SAMPLE_EVERY if self._sampler else _LOOK_EVERY
        return Watch(look=self._look, first=min(every, _LOOK_EVERY), every=every)

    def effects(self) -> tuple[Effect, ...]:
        """The locks that were seen, where somebody asked for them."""
        return self._sampler.effects() if self._sampler else ()

    def at_snapshots(self) -> None:
        """Names whom a concurrent build will wait for, whatever table they look at; raises `BlockerRefused`."""
        session = self._execution.session
        ours = [session.guard.info.backend_pid, session.work.info.backend_pid]
        if found := old_snapshots(session.guard, older_than=_OLD, ours=ours):
            self.blockers = found
            words = said(_SNAPSHOTS(who=listed(found)))
            self._execution.tell(EventKind.NOTICE, self._step, **words, **told(found))
            self._persuasion.try_on(found)

    def _look(self) -> None:
        if self._sampler:
            self._sampler.look()
        if time.monotonic() - self._told < _LOOK_EVERY * 0.9:
            return
        self._told = time.monotonic()
        self._tell_blockers()
        # a look at what the worker itself holds may have to wait; it must never end the worker's statement
        with contextlib.suppress(psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled):
            self._tell_progress()

    def _tell_blockers(self) -> None:
        session = self._execution.session
        found = blockers_of(session.guard, session.work.info.backend_pid)
        if found and {blocker.pid for blocker in found} != {blocker.pid for blocker in self.blockers}:
            waited = round(time.monotonic() - self._began, 3)
            self._execution.tell(EventKind.LOCK_WAIT, self._step, **told(found), waited_seconds=waited)
        self.blockers = found or self.blockers
        self._send_away(found)
        self._persuasion.try_on(found)

    def _send_away(self, blockers: Sequence[Blocker]) -> None:
        """Cancels those who wait for a lock of the run itself, while the run waits for their snapshot.

        The framework's own runner does so with a waiting request for its lock, and the server sees no deadlock in it, since
        the guard that holds the lock waits for nobody.
        """
        guard = self._execution.session.guard
        pids = [blocker.pid for blocker in blockers if blocker.pid]
        for (pid,) in guard.execute(load("waiting_for_us"), [pids]).fetchall() if pids else ():
            who = next(blocker for blocker in blockers if blocker.pid == pid)
            with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
                guard.execute(load("cancel_statement"), [pid])
                self._execution.tell(EventKind.WARNING, self._step, **said(_SENT_AWAY(who=who.message)), pid=pid)

    def _tell_progress(self) -> None:
        session = self._execution.session
        pid = session.work.info.backend_pid
        row = session.guard.execute(load("build_progress"), {"pid": pid}).fetchone()
        if row:
            phase, done, total, unit, lockers_done, lockers_total = row
            more = {"lockers_done": lockers_done, "lockers_total": lockers_total} if lockers_total else {}
            self._progress(done=done, total=total, unit=unit, phase=phase, **more)
        elif size := self._to_be_read():
            # the server tells nothing of how far a validation is: only how much there is, and for how long already
            self._progress(done=None, total=size, unit="bytes", phase="reading")

    def _progress(self, **data: object) -> None:
        seconds = round(time.monotonic() - self._began, 3)
        self._execution.tell(EventKind.PROGRESS, self._step, seconds=seconds, **data)

    def _to_be_read(self) -> int:
        """Bytes of the tables that the step reads through."""
        if self._bytes is None:
            guard = self._execution.session.guard
            names = [effect.relation for effect in self._step.effects if effect.scan]
            rows = (guard.execute(load("table_bytes"), [name]).fetchone() for name in names)
            self._bytes = sum(int(row[0] or 0) for row in rows if row)
        return self._bytes
