"""A backfill by ranges of pages, for work that converges.

A range of `ctid` needs no index and costs the same everywhere in the table. Rows move while this goes on, so doing a row twice
must do no harm (`where` selects those that lack the value), and at the end a query has to prove that none is left.
"""

from __future__ import annotations

from watari.errors.stopped import BackfillUnproven
from watari.execution.backfill.attempt import Attempt, Batch
from watari.execution.backfill.pace import Pace
from watari.execution.backfill.parts import WHOLE, Part
from watari.execution.backfill.relations import Relation
from watari.values import replace

# a batch in whose way somebody stands is put off after so many tries, since other rows are free meanwhile
_TRIES = 3
# as many rows that lack the value are looked up at once
_LOOKED_UP = 20_000
# so often may the proof find rows that were not there, or not free, the time before
_PROOFS = 20


class ByPages(Attempt):
    """Every page once, then what was put off, then the proof."""

    def run(self) -> None:
        """Ends when a query finds no row that lacks the value; raises `BackfillUnproven` where that never comes."""
        self._main_pass()
        self._what_was_put_off()
        self._proof()

    def _main_pass(self) -> None:
        """Every page once, in order."""
        at = self.checkpoint
        for relation in self.relations:
            if relation.oid < at.relation:
                self.progress.skip(relation.pages)
                continue
            first = min(at.page, relation.pages) if relation.oid == at.relation else 0
            self.progress.skip(first)
            self._pages_of(relation, first)

    def _pages_of(self, relation: Relation, page: int) -> None:
        self._pace = Pace(relation.rows_per_page, self.execution.policy.backfill_batch)
        while page < relation.pages:
            of = self.parts.now
            end = min(page + self._pace.pages * of, relation.pages)
            if not all(self._part(relation, page, end, Part(number=number, of=of)) for number in range(of)):
                put_off = (*self.checkpoint.put_off, (relation.oid, page, end))
                self.checkpoint = replace(self.checkpoint, relation=relation.oid, page=end, put_off=put_off)
                self._pace.slow_down()
            self.progress.tell(end - page, self.checkpoint.rows)
            page = end

    def _part(self, relation: Relation, page: int, end: int, part: Part) -> bool:
        """Whether it is done; the pages are behind the checkpoint once the last part of them is."""
        after = replace(self.checkpoint, relation=relation.oid, page=end if part.last else page)
        sent = self.send(self._batch(relation, page, end, part), after, _TRIES)
        if sent is None:
            return False
        self._pace.note(pages=max(1, (end - page) // part.of), rows=sent.rows, seconds=sent.seconds)
        self.parts.note(part, rows=sent.rows, in_place=sent.in_place)
        return True

    def _what_was_put_off(self) -> None:
        """The pages in whose way somebody stood, now with all the patience there is."""
        known = {relation.oid: relation for relation in self.relations}
        while self.checkpoint.put_off:
            (oid, first, end), *rest = self.checkpoint.put_off
            after = replace(self.checkpoint, put_off=tuple(rest))
            if oid in known:
                self.send(self._batch(known[oid], first, end, WHOLE), after, None)
            else:
                self.checkpoint = after

    def _proof(self) -> None:
        """Asks for rows that still lack the value, and does them, until there are none."""
        for _ in range(_PROOFS):
            found = [self._stragglers(relation) for relation in self.relations]
            if not any(found):
                return
        raise BackfillUnproven(
            run=self.execution.run,
            step=self.step.id,
            left=sum(self.sender.left(relation) for relation in self.relations),
            table=self.backfill.table,
            where=self.backfill.where,
        )

    def _stragglers(self, relation: Relation) -> bool:
        """Whether there were rows that lacked the value; they have been done."""
        found = False
        full = True
        while full:
            ctids = self.sender.lacking(relation, _LOOKED_UP)
            full = len(ctids) == _LOOKED_UP
            pace = Pace(relation.rows_per_page, self.execution.policy.backfill_batch)
            while ctids:
                found = True
                some, ctids = ctids[: pace.rows], ctids[pace.rows :]
                sent = self.send(self._rows(relation, some), self.checkpoint, None)
                if sent:
                    pace.note(pages=pace.pages, rows=sent.rows, seconds=sent.seconds)
                self.progress.tell(0, self.checkpoint.rows)
        return found

    def _batch(self, relation: Relation, first: int, end: int, part: Part) -> Batch:
        return lambda row, watch: self.sender.pages(relation, first, end, part, row, watch)

    def _rows(self, relation: Relation, ctids: list[str]) -> Batch:
        return lambda row, watch: self.sender.rows(relation, ctids, row, watch)
