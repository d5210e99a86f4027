"""Everything that was recorded so far, over all sessions of one recorder."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

from watari.evidence.recording import Parameter, RecordedStatement, Recording, Told
from watari.recorder.running import Running
from watari.values import replace

#: What texts and values together may take in memory; longer ones are kept by their beginning from then on.
_MOST_BYTES, _BEGINNING = 256 << 20, 2000


class Log:
    """Numbers, times and statements. `listen` hears of each statement as soon as it has ended, before its effects are known."""

    def __init__(self, listen: Callable[[Running, int], None] | None = None) -> None:
        self.began = time.monotonic()
        self._started_at = datetime.now(UTC)
        self._listen = listen
        self._statements: list[RecordedStatement] = []
        self._numbers, self._transactions, self._connections = (
            itertools.count(1),
            itertools.count(1),
            itertools.count(1),
        )
        self._connected = 0
        self._void: list[str] = []
        self._bytes = 0
        self._cut = False

    def connected(self) -> int:
        """The number of a new session."""
        self._connected = next(self._connections)
        return self._connected

    def ended(self, running: Running, connection: int) -> int:
        """The number of a statement that has ended."""
        if self._listen:
            self._listen(running, connection)
        return next(self._numbers)

    def transaction(self) -> int:
        """The number of a new transaction."""
        return next(self._transactions)

    def add(self, statement: RecordedStatement) -> None:
        """Writes a statement down; may be called from another thread."""
        self._bytes += len(statement.sql) + sum(len(value.data or b"") for value in statement.parameters)
        if self._bytes > _MOST_BYTES:
            short = tuple(_shortened(value) for value in statement.parameters)
            statement = replace(statement, sql=statement.sql[:_BEGINNING], parameters=short, cut=True)
            self._cut = True
        self._statements.append(statement)

    def void(self, reason: str) -> None:
        """A look failed: nothing that was seen is to be relied upon."""
        self._void.append(reason)

    @property
    def voided(self) -> bool:
        """Whether a look failed."""
        return bool(self._void)

    def recording(self, temporary_bytes: int | None = None) -> Recording:
        """What was recorded until now."""
        return Recording(
            started_at=self._started_at,
            seconds=round(time.monotonic() - self.began, 6),
            statements=tuple(sorted(self._statements, key=lambda each: each.number)),
            connections=self._connected,
            temporary_bytes=temporary_bytes,
            void=tuple(self._void),
            cut=self._cut,
        )


def _shortened(value: Parameter) -> Parameter:
    return replace(value, data=value.data[:_BEGINNING]) if value.data is not None else value


def sentence(told: Told) -> str:
    """An error for the log: its code and message."""
    return f"{told.code} {told.message}"
