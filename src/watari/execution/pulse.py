"""Notices a network that has fallen silent without closing anything, and breaks the run's connections then.

A statement may take an hour, so silence alone proves nothing: while one is under way, a connection of its own asks the
server whether it is still at work on it. Keep-alives of the operating system do not see a middlebox that answers them.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import pq

from watari.errors.reach import ReachError
from watari.execution.queries import load
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.values import dataclass

# a statement that takes less is over before anybody could have asked
_QUIET_FOR = 5.0
_LOOKS_EVERY = 1.0

#: Of each server process: its state and since when.
_States = dict[int, tuple[str | None, object]]


@dataclass(kw_only=True)
class _Watched:
    """One connection of the run, and what was last heard of it."""

    connection: psycopg.Connection
    pid: int
    active_since: float | None = None
    idle: tuple[str | None, object] | None = None  # as the server saw it last, where it is done and we still wait

    def look(self, now: float) -> bool:
        """Whether it has been waiting for so long that the server should be asked."""
        waits = not self.connection.closed and (
            self.connection.pgconn.transaction_status == pq.TransactionStatus.ACTIVE
        )
        if not waits:
            self.active_since = self.idle = None
        elif self.active_since is None:
            self.active_since = now
        return self.active_since is not None and now - self.active_since >= _QUIET_FOR

    def lost(self, states: _States) -> bool:
        """Whether the server has nothing to do with what is waited for: its answer, or the question, was lost on the way."""
        state = states.get(self.pid)
        if state is None:
            return True
        done = state[0] != "active"
        lost, self.idle = done and self.idle == state, state if done else None
        return lost

    def cut(self) -> None:
        """Ends the connection under whoever waits for it."""
        import socket

        with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self.connection.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)


class Pulse:
    """Watches connections from a thread of its own, for as long as the context is open.

    `silence` is seconds without an answer after which the network is taken for gone; 0: never.
    """

    def __init__(self, url: DatabaseUrl, connections: Sequence[psycopg.Connection], *, silence: float) -> None:
        self._url = url
        self._silence = silence
        self._watched = [_Watched(connection=each, pid=each.info.backend_pid) for each in connections]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)
        self._own: psycopg.Connection | None = None
        self._heard = 0.0

    def start(self) -> None:
        """Begins to watch."""
        if self._silence > 0:
            self._thread.start()

    def stop(self) -> None:
        """Ends without waiting for a server that may not answer."""
        self._ended.set()

    def _beat(self) -> None:
        while not self._ended.wait(_LOOKS_EVERY):
            now = time.monotonic()
            waiting = [each for each in self._watched if each.look(now)]
            if not waiting:
                self._heard = now
                continue
            self._ask(waiting)
        if self._own:
            self._own.close()

    def _ask(self, waiting: Sequence[_Watched]) -> None:
        began = time.monotonic()
        states = self._states([each.pid for each in waiting])
        now = time.monotonic()
        lost: Sequence[_Watched] = []
        if states is not None:
            lost = [each for each in waiting if each.lost(states)]
        if states is not None or now - began < self._patience * 0.9:
            self._heard = now  # a refusal is an answer too
        elif now - self._heard >= self._silence:
            lost = self._watched
        if not self._ended.is_set():
            for each in lost:
                each.cut()

    @property
    def _patience(self) -> float:
        """Seconds that one question may take; the client's own limit for a connection is ten."""
        return min(10.0, self._silence / 3)

    def _states(self, pids: list[int]) -> _States | None:
        """What the server says of these processes; None where it does not answer in time, or does not want to."""
        try:
            if self._own is None or self._own.closed:
                self._own = connect(self._url, purpose="pulse")
            with _within(self._own, self._patience):
                rows = self._own.execute(load("states_of"), [pids]).fetchall()
            return {pid: (state, since) for pid, state, since in rows}
        except (psycopg.Error, ReachError, OSError, MemoryError, RuntimeError):
            if self._own:
                self._own.close()
            return None


@contextlib.contextmanager
def _within(connection: psycopg.Connection, seconds: float) -> Iterator[None]:
    """While inside, the connection is cut after so many seconds."""
    timer = threading.Timer(seconds, _Watched(connection=connection, pid=0).cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
