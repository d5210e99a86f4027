"""A backfill along a key: each row exactly once.

The key that a range ends with is in the checkpoint of its last part, and both commit together; what is up to it is done.
"""

from __future__ import annotations

from watari.execution.backfill.attempt import Attempt, Batch
from watari.execution.backfill.pace import Pace
from watari.execution.backfill.parts import Part
from watari.values import replace


class AlongKey(Attempt):
    """From the lowest key to the highest."""

    unit = "rows"

    def total(self) -> int:
        """How many rows there are, as far as the server knows."""
        return round(sum(relation.rows_per_page * relation.pages for relation in self.relations))

    def has_parts(self) -> bool:
        """Rows that are deleted leave no new version behind that could want their room."""
        return not self.backfill.delete and self.sender.key_has_parts()

    def run(self) -> None:
        """Ends when no row is behind the last key."""
        self._pace = Pace(rows_per_page=1, target=self.execution.policy.backfill_batch)
        self.progress.skip(self.checkpoint.rows)
        keys = self._next_keys()
        if self.checkpoint.part:  # an earlier start ended between two parts
            end, keys = self._range(self.checkpoint.until, keys, of=self.checkpoint.parts)
        else:
            end = self.sender.last_of(self.checkpoint.key, keys)
        while end:
            end, keys = self._range(end, keys, of=self.parts.now)

    def _next_keys(self) -> int:
        """How many rows the next range has."""
        return self._pace.pages * self.parts.now

    def _range(self, end: tuple[str, ...], keys: int, *, of: int) -> tuple[tuple[str, ...], int]:
        """Does what is not done of the `keys` rows up to `end`, in `of` parts; the end of the next range comes out, and its rows.

        It comes with the answer of the last part: a round trip costs most where everybody is busy.
        """
        following: tuple[str, ...] = ()
        next_keys = keys
        for number in range(self.checkpoint.part, of):
            part, at = Part(number=number, of=of), self.checkpoint
            done = replace(at, until=end, part=number + 1, parts=of)
            after = replace(at, key=end, until=(), part=0, parts=1) if part.last else done
            next_keys = self._next_keys()
            sent = self.send(self._batch(at.key, end, part, next_keys), after, None)
            if sent is None:
                raise AssertionError("tried without an end, and yet given up")
            self._pace.note(pages=max(1, keys // of), rows=sent.rows, seconds=sent.seconds)
            self.parts.note(part, rows=sent.rows, in_place=sent.in_place)
            self.progress.tell(keys // of, self.checkpoint.rows)
            following = sent.next
        return following, next_keys

    def _batch(self, after: tuple[str, ...], end: tuple[str, ...], part: Part, most: int) -> Batch:
        return lambda row, watch: self.sender.along(after, end, part, most, row, watch)
