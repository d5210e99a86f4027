"""A tool that is cut off: after so many of its statements every connection is closed, and none is opened any more."""

from __future__ import annotations

__all__ = ["Cut"]


class Cut:
    """Counts the statements of all sessions together, from 1; `made` once the one named has ended."""

    def __init__(self, after: int) -> None:
        self._left = after
        self.made = False
        self.sql = ""

    def ended(self, sql: bytes) -> bool:
        """One more has ended; whether its connection is to be closed now."""
        self._left -= 1
        if self._left == 0:
            self.made, self.sql = True, sql.decode(errors="replace")
        return self.made
