"""A step that brings rows to a new value, some pages at a time, each batch a transaction with its checkpoint.

Pages, not keys: a range of `ctid` needs no index and costs the same everywhere in the table. Rows move while this goes on,
so doing a row twice must do no harm (`where` selects those that lack the value), and at the end a query has to prove that
none is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from psycopg import sql

from watari.catalog import LockMode
from watari.errors.stopped import BackfillUnproven, PatienceSpent, RunStopped
from watari.evidence.effect import Effect
from watari.evidence.event import EventKind
from watari.execution.backfill.checkpoint import Checkpoint
from watari.execution.backfill.pace import Pace
from watari.execution.backfill.relations import Relation, relations_of
from watari.execution.backfill.sending import Sender, Sent, settings
from watari.execution.execution import Execution
from watari.execution.failure import stopped
from watari.execution.finish import finish
from watari.execution.journal import Entry
from watari.execution.patience import GIVES_WAY, Patience
from watari.execution.wire import Watch
from watari.planning.plan import Backfill, Step

_TOLD_EVERY = 0.25
# a batch in whose way somebody stands is put off after so many tries, since other rows are free meanwhile
_TRIES = 3
# as many rows that lack the value are looked up at once
_LOOKED_UP = 20_000
# so often may the proof find rows that were not there, or not free, the time before
_PROOFS = 20

#: Sends one batch, given the journal's row and what to do while waiting.
_Batch = Callable[[sql.Composable, Watch | None], Sent]


def execute(step: Step, execution: Execution) -> None:
    """Does the rows, goes back to those that were in use, and ends when a query finds none that lacks the value.

    Raises `BackfillUnproven`, `PatienceSpent` or `StatementFailed`; the next start goes on from the last checkpoint.
    """
    if step.backfill is None:
        raise ValueError(f"step {step.id} has no backfill")
    work = _Work(step, step.backfill, execution)
    try:
        with settings(step, execution):
            work.main_pass()
            work.what_was_put_off()
            work.proof()
    except RunStopped as condition:
        work.failed(condition)
        raise
    finish(step, execution, work.done())


class _Work:
    """One try of the backfill, from the last checkpoint on."""

    def __init__(self, step: Step, backfill: Backfill, execution: Execution) -> None:
        self._step, self._backfill, self._execution = step, backfill, execution
        self._sender = Sender(backfill, execution)
        self._relations = relations_of(execution.session.work, backfill.table)
        self._patience = Patience(execution, step)
        last = execution.last.get(step.id)
        self._checkpoint = Checkpoint.of(last.checkpoint if last else None)
        self._progress = _Progress(step, execution, self._relations, self._checkpoint.rows)
        if left := execution.left_behind(step):
            ended = Entry(run=execution.run, step=step, attempt=left.number)
            execution.session.work.execute(ended.settled("interrupted"))
        self._entry = execution.entry(step)
        execution.session.work.execute(self._entry.intend(self._checkpoint.as_json()))

    def main_pass(self) -> None:
        """Every page once, in order."""
        at = self._checkpoint
        for relation in self._relations:
            if relation.oid < at.relation:
                self._progress.skip(relation.pages)
                continue
            first = min(at.page, relation.pages) if relation.oid == at.relation else 0
            self._progress.skip(first)
            self._pages_of(relation, first)

    def _pages_of(self, relation: Relation, page: int) -> None:
        pace = Pace(relation.rows_per_page)
        while page < relation.pages:
            end = min(page + pace.pages, relation.pages)
            after = replace(self._checkpoint, relation=relation.oid, page=end)
            sent = self._send(self._batch(relation, page, end), after, _TRIES)
            if sent:
                pace.note(pages=end - page, rows=sent.rows, seconds=sent.seconds)
            else:
                self._checkpoint = replace(after, put_off=(*after.put_off, (relation.oid, page, end)))
                pace.slow_down()
            self._progress.tell(end - page, self._checkpoint.rows)
            page = end

    def what_was_put_off(self) -> None:
        """The pages in whose way somebody stood, now with all the patience there is."""
        known = {relation.oid: relation for relation in self._relations}
        while self._checkpoint.put_off:
            (oid, first, end), *rest = self._checkpoint.put_off
            after = replace(self._checkpoint, put_off=tuple(rest))
            if oid in known:
                self._send(self._batch(known[oid], first, end), after, None)
            else:
                self._checkpoint = after

    def proof(self) -> None:
        """Asks for rows that still lack the value, and does them, until there are none."""
        for _ in range(_PROOFS):
            found = [self._stragglers(relation) for relation in self._relations]
            if not any(found):
                return
        raise BackfillUnproven(
            run=self._execution.run,
            step=self._step.id,
            left=sum(self._sender.left(relation) for relation in self._relations),
            table=self._backfill.table,
            where=self._backfill.where,
        )

    def _stragglers(self, relation: Relation) -> bool:
        """Whether there were rows that lacked the value; they have been done."""
        found = False
        full = True
        while full:
            ctids = self._sender.lacking(relation, _LOOKED_UP)
            full = len(ctids) == _LOOKED_UP
            pace = Pace(relation.rows_per_page)
            while ctids:
                found = True
                some, ctids = ctids[: pace.rows], ctids[pace.rows :]
                sent = self._send(self._rows(relation, some), self._checkpoint, None)
                if sent:
                    pace.note(pages=pace.pages, rows=sent.rows, seconds=sent.seconds)
                self._progress.tell(0, self._checkpoint.rows)
        return found

    def _batch(self, relation: Relation, first: int, end: int) -> _Batch:
        return lambda row, watch: self._sender.pages(relation, first, end, row, watch)

    def _rows(self, relation: Relation, ctids: list[str]) -> _Batch:
        return lambda row, watch: self._sender.rows(relation, ctids, row, watch)

    def _send(self, batch: _Batch, after: Checkpoint, tries: int | None) -> Sent | None:
        """Sends until it is through; None where somebody was in the way so many times."""
        watch = None
        tried = 0
        while True:
            sent = batch(self._entry.checkpoint(after.as_json()), watch)
            if sent.conflict is None:
                self._checkpoint = replace(after, rows=after.rows + sent.rows)
                self._patience.relax()
                return sent
            if not isinstance(sent.conflict, GIVES_WAY):
                raise stopped(sent.conflict, run=self._execution.run, step=self._step)
            tried += 1
            if tried == tries:
                return None
            watch = self._patience.watch(every=self._execution.policy.lock_timeout / 5)
            self._patience.give_way(sent.conflict, attempt=tried)

    def failed(self, condition: RunStopped) -> None:
        """Writes down why it ended; the checkpoint stays."""
        work = self._execution.session.work
        if not work.closed:
            lines = self._patience.lines if isinstance(condition, PatienceSpent) else ()
            waited = self._patience.waited
            work.execute(self._entry.settled("failed", error=str(condition), blockers=lines, waited=waited))

    def done(self) -> sql.Composable:
        """The journal's row for the end of the step."""
        rows = self._checkpoint.rows
        effect = Effect(relation=self._backfill.table, lock=LockMode.ROW_EXCLUSIVE, rows=rows, scan=True)
        return self._entry.settled("done", waited=self._patience.waited, effects=[effect])


class _Progress:
    """Tells how far it is, a few times a second."""

    def __init__(self, step: Step, execution: Execution, relations: tuple[Relation, ...], rows: int) -> None:
        self._step, self._execution = step, execution
        self._total = sum(relation.pages for relation in relations)
        self._done = 0
        self._before = rows
        self._began = time.monotonic()
        self._told = 0.0

    def skip(self, pages: int) -> None:
        """Pages that an earlier start has done."""
        self._done += pages

    def tell(self, pages: int, rows: int) -> None:
        """So many more pages are done, and so many rows in all."""
        self._done += pages
        now = time.monotonic()
        if now - self._told < _TOLD_EVERY and self._done < self._total:
            return
        self._told = now
        rate = (rows - self._before) / max(0.001, now - self._began)
        self._execution.tell(
            EventKind.PROGRESS,
            self._step,
            done=self._done,
            total=self._total,
            unit="pages",
            rows=rows,
            rate=round(rate),
        )
