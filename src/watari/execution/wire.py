"""Sends a script of several statements as one message and waits for it, with an eye on what happens meanwhile.

One message is one round trip: a lock is held for as long as the server works, and never for as long as the network needs.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterable

import psycopg
from psycopg import pq, sql
from psycopg.errors import error_from_result

from watari.values import dataclass, field

_ENDED = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.EMPTY_QUERY)


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Something to do while a statement runs: the first time after `first` seconds, then every `every` seconds."""

    look: Callable[[], None]
    first: float
    every: float


@dataclass(kw_only=True)
class Answer:
    """What came back of each statement: rows touched and first value; and the error of the one that failed."""

    rows: list[int] = field(default_factory=list)
    values: list[bytes | None] = field(default_factory=list)
    failure: psycopg.Error | None = None

    @property
    def ended(self) -> int:
        """How many statements ended well."""
        return len(self.rows)


def encoded(parts: Iterable[sql.Composable | str], connection: psycopg.Connection) -> bytes:
    """Statements as one message; strings are sent as they are."""
    encoding = connection.info.encoding
    # on a line of its own, or a comment at the end of a statement would swallow it
    return b"\n;\n".join(
        part.encode(encoding) if isinstance(part, str) else part.as_bytes(connection) for part in parts
    )


def send(connection: psycopg.Connection, script: bytes, watch: Watch | None = None) -> Answer:
    """Sends one message and waits for everything that comes back.

    Raises `psycopg.OperationalError` where the connection is lost; errors of statements stand in the answer.
    """
    post(connection, script)
    return receive(connection, watch)


def post(connection: psycopg.Connection, script: bytes) -> None:
    """Sends one message and does not wait."""
    connection.pgconn.send_query(script)
    # what a migration's own query answers is passed over row by row: all of it together may not fit into memory
    connection.pgconn.set_single_row_mode()


def receive(connection: psycopg.Connection, watch: Watch | None = None) -> Answer:
    """Waits for everything that comes back of the message that was sent last."""
    pgconn = connection.pgconn
    answer = Answer()
    looks = _Looks(watch)
    first: bytes | None = None
    rows = 0
    while result := _next_result(pgconn, looks):
        if result.status == pq.ExecStatus.SINGLE_TUPLE:
            first = first if rows else result.get_value(0, 0)
            rows += 1
        elif result.status in _ENDED:
            answer.rows.append(result.command_tuples or 0)
            answer.values.append(first)
            first, rows = None, 0
        elif result.status == pq.ExecStatus.COPY_IN:
            pgconn.put_copy_end(b"no rows were given for this COPY")
        elif result.status == pq.ExecStatus.COPY_OUT:
            _drain(pgconn)
        else:
            # a connection that is ended says why first, and then only that it is gone
            answer.failure = answer.failure or error_from_result(result, encoding=connection.info.encoding)
    return answer


def roll_back(connection: psycopg.Connection) -> None:
    """Leaves a transaction that a script opened, if there is one."""
    if connection.pgconn.transaction_status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR):
        send(connection, b"rollback")


class _Looks:
    """When to look next."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._next = time.monotonic() + watch.first if watch else None

    def wait(self, socket: int) -> None:
        """Returns as soon as the server has said something, having looked when it was time."""
        poll = select.poll()
        poll.register(socket, select.POLLIN)
        while True:
            left = None if self._next is None else max(0.0, self._next - time.monotonic()) * 1000
            if poll.poll(left):
                return
            if self._watch:
                self._watch.look()
                self._next = time.monotonic() + self._watch.every


def _next_result(pgconn: pq.abc.PGconn, looks: _Looks) -> pq.abc.PGresult | None:
    while pgconn.is_busy():
        looks.wait(pgconn.socket)
        pgconn.consume_input()
    return pgconn.get_result()


def _drain(pgconn: pq.abc.PGconn) -> None:
    while pgconn.get_copy_data(0)[0] > 0:
        pass
