"""The sessions in which a database is asked: one for each question, or one for all questions of a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

    from watari.project.url import DatabaseUrl

__all__ = ["Sessions"]


class Sessions:
    """Opens sessions and closes them; inside `shared()` the next question takes the session of the last one."""

    def __init__(self) -> None:
        self._shared: list[psycopg.Connection] | None = None

    @contextmanager
    def opened(self, url: DatabaseUrl, purpose: str) -> Iterator[psycopg.Connection]:
        """A session on the database; raises a `ReachError`."""
        import psycopg

        from watari.postgres.connection import connect, reach_error

        opened = self._idle() or connect(url, purpose=purpose)
        if self._shared is not None and opened not in self._shared:
            self._shared.append(opened)
        try:
            yield opened
        except psycopg.Error as failure:
            condition = reach_error(failure, opened)
            if condition is None:
                raise
            raise condition from failure
        finally:
            if self._shared is None:
                opened.close()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Questions inside share one session; `end` closes it before its time."""
        if self._shared is not None:
            yield
            return
        self._shared = []
        try:
            yield
        finally:
            self.end()
            self._shared = None

    def end(self) -> None:
        """Closes what is shared: a run has sessions of its own, and wants nobody else on the database."""
        while self._shared:
            self._shared.pop().close()

    def _idle(self) -> psycopg.Connection | None:
        """The shared session, where it is there and nobody is in the middle of something."""
        for opened in self._shared or ():
            if not opened.closed and opened.autocommit and opened.info.transaction_status == 0:
                return opened
        return None
