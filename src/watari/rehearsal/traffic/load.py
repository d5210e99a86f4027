"""Sessions that send statements to a clone, each operation timed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence

import psycopg
from psycopg import pq

from watari.evidence.traffic import Span
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.traffic.values import Draw, by_weight, filled
from watari.values import dataclass

_CONSTRAINTS = "23"  # the class of SQLSTATE for values that break a constraint
_CACHED_PLAN = "0A000"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One statement to send: its text, how often against the others, and its values."""

    text: str
    weight: int
    draws: tuple[Draw, ...]


@dataclass(frozen=True)
class _Operation:
    began: float
    seconds: float
    failure: str | None


class Load:
    """So many sessions that send `statements` to `url` at `rate` a second, all together, until they are stopped."""

    def __init__(self, url: DatabaseUrl, statements: Sequence[Sent], *, sessions: int, rate: float) -> None:
        self._url = url
        self._statements = statements
        self._pause = sessions / rate
        self._choose = by_weight({place: sent.weight for place, sent in enumerate(statements)})
        self._stop = threading.Event()
        self._operations: list[_Operation] = []
        self.refused = 0
        self._threads = [threading.Thread(target=self._send, args=(number,), daemon=True) for number in range(sessions)]

    def start(self) -> None:
        """Begins to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends every session; doing it twice is fine."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def span(self, step: str | None, began: float, ended: float) -> Span:
        """What was under way between two moments of `time.monotonic`."""
        inside = [each for each in list(self._operations) if each.began <= ended and each.began + each.seconds >= began]
        seconds = sorted(each.seconds for each in inside)
        return Span(
            step=step,
            operations=len(inside),
            p99=seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))] if seconds else 0.0,
            longest=seconds[-1] if seconds else 0.0,
            failed=sum(each.failure is not None for each in inside),
        )

    def failures(self) -> tuple[str, ...]:
        """What the server said of those that failed, each once."""
        return tuple(dict.fromkeys(each.failure for each in list(self._operations) if each.failure))

    def _send(self, number: int) -> None:
        chance = random.Random(number)
        with connect(self._url, purpose="rehearsal traffic") as connection:
            prepared: set[int] = set()
            while not self._stop.is_set():
                place = self._choose(chance)
                began = time.monotonic()
                failure = self._one(connection, place, prepared)
                self._operations.append(_Operation(began, time.monotonic() - began, failure))
                if connection.broken:
                    return
                self._stop.wait(max(0.0, self._pause - (time.monotonic() - began)))

    def _one(self, connection: psycopg.Connection, place: int, prepared: set[int]) -> str | None:
        """Sends one statement as a driver with prepared statements does; the server's words where it failed."""
        sent, name = self._statements[place], f"watari_{place}".encode()
        pgconn = connection.pgconn
        if place not in prepared:
            result = pgconn.prepare(name, sent.text.encode())
            if result.status != pq.ExecStatus.COMMAND_OK:
                return self._failure(result)
            prepared.add(place)
        result = pgconn.exec_prepared(name, filled(sent.draws))
        if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            return None
        if _state(result) == _CACHED_PLAN:  # as drivers do: once more from the text
            pgconn.exec_(b"deallocate " + name)
            prepared.discard(place)
        return self._failure(result)

    def _failure(self, result: pq.abc.PGresult) -> str | None:
        if _state(result).startswith(_CONSTRAINTS):
            self.refused += 1
            return None
        return result.error_message.decode(errors="replace").partition("\n")[0].strip()


def _state(result: pq.abc.PGresult) -> str:
    return (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
