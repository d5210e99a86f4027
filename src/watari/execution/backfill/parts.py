"""In how many parts the rows of one range are done, each part a transaction of its own.

A page of a full table has no room for the new version of a row, so that every index gets a new entry, and the table grows
to twice its size. Once the first part of a page's rows has moved away and that is committed, what they left is room for
the next part: those rows stay in their pages, and no index is written (HOT). Measured on PostgreSQL 18.6, two indexes:
0.82 of the processor time, 0.64 of the WAL, and a table of 1.43 times its size instead of 2.12.
"""

from __future__ import annotations

from watari.values import dataclass

# more parts read the same pages more often than they save: with 8 the processor time is that of one part again
_PARTS = 4
# where fewer rows more than in the first part stay in place, there is nothing to gain: an index on what is changed, old
# snapshots that keep the versions alive, pages with room enough from the beginning, rows of a range that lie far apart
_WORTH = 0.25
# fewer rows say nothing
_ENOUGH = 800
# after so many ranges it is tried again, and each time that it was in vain after twice as many
_AGAIN, _AGAIN_AT_MOST = 16, 1024


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of the parts of a range: the rows whose place (or key) gives `number` when its hash is divided by `of`."""

    number: int = 0
    of: int = 1

    @property
    def last(self) -> bool:
        """Whether the range is done with it."""
        return self.number == self.of - 1


WHOLE = Part()


class Parts:
    """Tries parts, and keeps to them as long as rows stay in their pages because of them."""

    def __init__(self, *, possible: bool) -> None:
        self._possible = possible
        self._whole = 0  # so many ranges are done whole before it is tried again
        self._in_vain = 0
        self._rows, self._in_place = [0, 0], [0, 0]  # of the first part, and of the others

    @property
    def now(self) -> int:
        """In how many parts the next range is done."""
        return _PARTS if self._possible and not self._whole else 1

    def note(self, part: Part, *, rows: int, in_place: int) -> None:
        """One part is done; so many of its rows stayed in their page."""
        if part.of == 1:
            self._whole = max(0, self._whole - 1)
            return
        behind = int(part.number > 0)
        self._rows[behind] += rows
        self._in_place[behind] += in_place
        if part.last and sum(self._rows) >= _ENOUGH:
            self._judge()

    def _judge(self) -> None:
        first, others = (stayed / max(1, rows) for stayed, rows in zip(self._in_place, self._rows, strict=True))
        if others - first >= _WORTH:
            self._in_vain = 0
        else:
            self._whole = min(_AGAIN << self._in_vain, _AGAIN_AT_MOST)
            self._in_vain += 1
        self._rows, self._in_place = [0, 0], [0, 0]
