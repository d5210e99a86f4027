"""A backfill along a key: each row exactly once.

The key that a batch ends with is in its checkpoint, and both commit together; what is behind it is done, and nothing else.
"""

from __future__ import annotations

from watari.execution.backfill.attempt import Attempt, Batch
from watari.execution.backfill.pace import Pace
from watari.values import replace


class AlongKey(Attempt):
    """From the lowest key to the highest."""

    unit = "rows"

    def total(self) -> int:
        """How many rows there are, as far as the server knows."""
        return round(sum(relation.rows_per_page * relation.pages for relation in self.relations))

    def run(self) -> None:
        """Ends when no row is behind the last key."""
        pace = Pace(rows_per_page=1, target=self.execution.policy.backfill_batch)
        self.progress.skip(self.checkpoint.rows)
        keys = pace.pages
        end = self.sender.last_of(self.checkpoint.key, keys)
        while end:
            # the end of the next batch comes with the answer of this one: a round trip costs most where everybody is busy
            following = pace.pages
            sent = self.send(self._batch(self.checkpoint.key, end, following), replace(self.checkpoint, key=end), None)
            if sent is None:
                raise AssertionError("tried without an end, and yet given up")
            pace.note(pages=keys, rows=sent.rows, seconds=sent.seconds)
            self.progress.tell(keys, self.checkpoint.rows)
            end, keys = sent.next, following

    def _batch(self, after: tuple[str, ...], end: tuple[str, ...], most: int) -> Batch:
        return lambda row, watch: self.sender.along(after, end, most, row, watch)
