"""How many pages at once: as many as take the time that an application may wait for one row."""

from __future__ import annotations

#: For so many seconds the rows of one batch are locked, where the policy says nothing else.
TARGET = 0.03

# a table with many indexes shows itself in the first batch, so that one is small
_FIRST_PAGES, _MOST_PAGES = 16, 4096
# on a busy machine a batch takes 20 ms whatever is in it; fewer rows than this would not make it shorter, only more of them
_FEWEST_ROWS = 1000
_GROWTH, _SMOOTHING = 2.0, 0.4
# before anything is measured
_ROW_SECONDS = 5e-6


class Pace:
    """Steers by seconds per row and rows per page, as if every row of the next pages still lacked its value.

    Pages that need nothing are over in no time; taking that for speed would make the first full ones a long wait.
    """

    def __init__(self, rows_per_page: float, target: float = TARGET) -> None:
        self._target = target
        self._density = max(1.0, rows_per_page)
        self._row_seconds = _ROW_SECONDS
        self.pages = _FIRST_PAGES

    @property
    def rows(self) -> int:
        """How many single rows fit into one batch."""
        return max(1, int(self._target / self._row_seconds))

    def note(self, *, pages: int, rows: int, seconds: float) -> None:
        """One batch took so long."""
        if rows:
            self._density = max(self._density, rows / max(1, pages))
            self._row_seconds += _SMOOTHING * (seconds / rows - self._row_seconds)
            if seconds > self._target * 1.5:  # a batch that was too long is answered at once
                self._row_seconds = max(self._row_seconds, seconds / rows)
        fitting = self._target / (self._row_seconds * self._density)
        fewest = max(1.0, _FEWEST_ROWS / self._density)
        self.pages = int(max(fewest, min(fitting, self.pages * _GROWTH, _MOST_PAGES)))

    def slow_down(self) -> None:
        """Somebody was in the way: fewer rows at once are more likely to get through."""
        self.pages = max(1, self.pages // 2)
