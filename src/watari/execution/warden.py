"""Watches a tool's sessions from outside while its command runs: who is in the way, and that nobody outlasts the policy.

The server itself cuts waits and statements short, by the settings that every session begins with. A tool may set others;
then the warden cancels what it finds.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Self

import psycopg

from watari.evidence.event import Event, EventKind, EventSink, said
from watari.execution.blockers import told
from watari.execution.queries import load
from watari.locale import Text
from watari.postgres.activity import blockers_of
from watari.postgres.connection import connect
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl

_EVERY = 0.02
#: The server's own timeout comes first; only what outlives it by so much has set another.
_GRACE = 0.25

_WAITED = Text(
    en="the command waits for a lock for longer than {seconds} s with a lock_timeout of its own; its statement is cancelled",
    ja="コマンドが独自の lock_timeout で {seconds} 秒を超えてロックを待っているため、文をキャンセルします",
)
_RAN = Text(
    en="a statement of the command has run for more than {seconds} s; it is cancelled",
    ja="コマンドの文の実行が {seconds} 秒を超えたため、キャンセルします",
)


class Warden:
    """On duty while its context is open; `pids` are the server's processes to look after. `blockers`: who was in the way last."""

    def __init__(
        self, url: DatabaseUrl, policy: Policy, pids: Callable[[], tuple[int, ...]], events: EventSink
    ) -> None:
        self._url, self._policy, self._pids, self._events = url, policy, pids, events
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watari warden", daemon=True)
        self._waits: dict[int, float] = {}
        self._seen: set[tuple[int, ...]] = set()
        self.blockers: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._done.set()
        self._thread.join(10)

    def _watch(self) -> None:
        with contextlib.suppress(psycopg.Error), connect(self._url, purpose="guard") as connection:
            while not self._done.wait(_EVERY):
                if pids := self._pids():
                    self._look(connection, list(pids))

    def _look(self, connection: psycopg.Connection, pids: list[int]) -> None:
        for pid, waits, ran in connection.execute(load("guarded_sessions"), [pids]).fetchall():
            if waits:
                self._waits[pid] = self._waits.get(pid, 0.0) + _EVERY
                self._name(connection, pid)
                if self._waits[pid] > self._policy.lock_timeout + _GRACE:
                    self._cancel(connection, pid, _WAITED, self._policy.lock_timeout)
            else:
                self._waits.pop(pid, None)
            if self._policy.statement_timeout and ran and ran > self._policy.statement_timeout + _GRACE:
                self._cancel(connection, pid, _RAN, self._policy.statement_timeout)

    def _name(self, connection: psycopg.Connection, pid: int) -> None:
        """Says who is in the way, once."""
        found = blockers_of(connection, pid)
        key = tuple(sorted(blocker.pid or 0 for blocker in found))
        if found and key not in self._seen:
            self._seen.add(key)
            self.blockers = tuple(str(blocker) for blocker in found)
            self._events(Event(kind=EventKind.LOCK_WAIT, data=told(found)))

    def _cancel(self, connection: psycopg.Connection, pid: int, why: Text, seconds: float) -> None:
        self._waits.pop(pid, None)
        self._events(Event(kind=EventKind.WARNING, data=said(why(seconds=f"{seconds:g}"))))
        connection.execute(load("cancel_statement"), [pid])
