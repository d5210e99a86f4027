"""One start of a backfill: its row in the journal, how far it is, and how a batch gets through."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from psycopg import sql

from watari.catalog import LockMode
from watari.errors.stopped import PatienceSpent, RunStopped
from watari.evidence.effect import Effect
from watari.evidence.event import EventKind
from watari.execution.backfill.advice import Advice
from watari.execution.backfill.checkpoint import Checkpoint
from watari.execution.backfill.parts import Parts
from watari.execution.backfill.relations import relations_of
from watari.execution.backfill.sending import Sender, Sent
from watari.execution.backfill.throttle import Throttle
from watari.execution.execution import Execution
from watari.execution.failure import stopped
from watari.execution.journal import Entry
from watari.execution.patience import GIVES_WAY, Patience
from watari.execution.wire import Watch
from watari.planning.plan import Backfill, Step
from watari.values import replace

_TOLD_EVERY = 0.25

#: Sends one batch, given the journal's row and what to do while waiting.
Batch = Callable[[sql.Composable, Watch | None], Sent]


class Attempt(ABC):
    """One try of a backfill, from the last checkpoint on; which rows come next is told by those who extend it."""

    unit = "pages"

    def __init__(self, step: Step, backfill: Backfill, execution: Execution) -> None:
        self.step, self.backfill, self.execution = step, backfill, execution
        self.relations = relations_of(execution.session.work, backfill.table)
        self.sender = Sender(backfill, execution, self.relations)
        self.parts = Parts(possible=self.has_parts())
        self.patience = Patience(execution, step)
        self.throttle = Throttle(step, execution, backfill.table, self.relations)
        self._advice = Advice(step, execution, self.relations)
        self._last = 0.0
        last = execution.last.get(step.id)
        self.checkpoint = Checkpoint.of(last.checkpoint if last else None)
        self.progress = Progress(step, execution, total=self.total(), rows=self.checkpoint.rows, unit=self.unit)
        if left := execution.left_behind(step):
            ended = Entry(run=execution.run, step=step, attempt=left.number)
            execution.session.work.execute(ended.settled("interrupted"))
        self._entry = execution.entry(step)
        execution.session.work.execute(self._entry.intend(self.checkpoint.as_json()))

    def total(self) -> int:
        """How much there is to do, in the unit of progress."""
        return sum(relation.pages for relation in self.relations)

    def has_parts(self) -> bool:
        """Whether the rows of one range may be done in several transactions."""
        return True

    @abstractmethod
    def run(self) -> None:
        """Does every row; raises a `RunStopped`."""

    def send(self, batch: Batch, after: Checkpoint, tries: int | None) -> Sent | None:
        """Sends until it is through; None where somebody was in the way so many times."""
        self.throttle.before_batch(self._last)
        watch = self.throttle.watch()
        tried = 0
        while True:
            sent = batch(self._entry.checkpoint(after.as_json()), watch)
            if sent.conflict is None:
                self.checkpoint = replace(after, rows=after.rows + sent.rows)
                self.patience.relax()
                self._last = sent.seconds
                return sent
            if not isinstance(sent.conflict, GIVES_WAY):
                raise stopped(sent.conflict, run=self.execution.run, step=self.step)
            tried += 1
            if tried == tries:
                return None
            watch = self.patience.watch(every=self.execution.policy.lock_timeout / 5)
            self.patience.give_way(sent.conflict, attempt=tried)

    def failed(self, condition: RunStopped) -> None:
        """Writes down why it ended; the checkpoint stays."""
        work = self.execution.session.work
        if not work.closed:
            blockers = self.patience.blockers if isinstance(condition, PatienceSpent) else ()
            work.execute(
                self._entry.settled("failed", error=str(condition), blockers=blockers, waited=self.patience.waited)
            )

    def done(self) -> sql.Composable:
        """The journal's row for the end of the step; what is left for a vacuum is told."""
        self._advice.tell()
        rows = self.checkpoint.rows
        effect = Effect(relation=self.backfill.table, lock=LockMode.ROW_EXCLUSIVE, rows=rows, scan=True)
        return self._entry.settled("done", waited=self.patience.waited, effects=[effect])


class Progress:
    """Tells how far it is, a few times a second."""

    def __init__(self, step: Step, execution: Execution, *, total: int, rows: int, unit: str) -> None:
        self._step, self._execution = step, execution
        self._total, self._unit = total, unit
        self._done = 0
        self._before = rows
        self._skipped = 0
        self._began = time.monotonic()
        self._told = 0.0

    def skip(self, units: int) -> None:
        """What an earlier start has done."""
        self._done += units
        self._skipped += units

    def _left(self, seconds: float) -> float | None:
        """Seconds to the end, as far as what was done tells."""
        done = self._done - self._skipped
        return round(seconds * max(0, self._total - self._done) / done, 1) if done else None

    def tell(self, units: int, rows: int) -> None:
        """So much more is done, and so many rows in all."""
        self._done += units
        now = time.monotonic()
        if now - self._told < _TOLD_EVERY and self._done < self._total:
            return
        self._told = now
        rate = (rows - self._before) / max(0.001, now - self._began)
        self._execution.tell(
            EventKind.PROGRESS,
            self._step,
            done=self._done,
            total=max(self._total, self._done),
            unit=self._unit,
            rows=rows,
            rate=round(rate),
            left_seconds=self._left(now - self._began),
        )
