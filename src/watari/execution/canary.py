"""Asks, beside a run or a guarded command, what the application asks all the time, and stops it where the answers are bad.

It has a thread and a connection of its own, so that it sees what an application sees: waits behind the run's locks included.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable
from typing import Self

import psycopg

from watari.errors.base import WatariError
from watari.execution.session import milliseconds
from watari.locale import Message, Text
from watari.postgres.connection import connect
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl

#: Asks an HTTP address within so many seconds; what is wrong with the answer comes out, None: nothing.
HttpProbe = Callable[[str, float], Message | None]

_SLOW = Text(
    en="canary_sql took {seconds} s, the limit is {limit} s",
    ja="canary_sql の応答に {seconds} 秒かかりました（上限 {limit} 秒）",
)
_FAILED = Text(en="canary_sql: {reason}", ja="canary_sql: {reason}")
_TIMES = Text(en="{what} ({times} times in a row)", ja="{what}（{times} 回連続）")
_BAD = Text(en="the application answers badly: {what}", ja="アプリケーションの応答に異常があります: {what}")

# beyond the time that a command is given to end by itself
_STRIKES_AGAIN = 15.0


class Canary:
    """Watches while the context is open; `complaint` says what made it stop what happens beside it, `felt` hears each wait.

    `tell` hears each bad answer. What goes on in the main thread is interrupted; elsewhere `cancel` is called, and has to end
    what is under way on the server.
    """

    def __init__(
        self,
        url: DatabaseUrl,
        policy: Policy,
        http: HttpProbe | None,
        *,
        tell: Callable[[Message], None],
        cancel: Callable[[], object],
        felt: Callable[[float], None] | None = None,
    ) -> None:
        self._url, self._policy, self._http = url, policy, http
        self._tell, self._cancel, self._felt = tell, cancel, felt
        self._own: psycopg.Connection | None = None
        self._ended = threading.Event()
        self._striking = threading.Lock()
        self._main = threading.current_thread() is threading.main_thread()
        self._thread = threading.Thread(target=self._watch, name="canary", daemon=True)
        self.complaint: Message | None = None

    def __enter__(self) -> Self:
        if self._policy.canary_sql or (self._policy.canary_url and self._http):
            self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        with self._striking:
            self._ended.set()

    def _watch(self) -> None:
        bad = 0
        while not self._ended.is_set():
            began, connected = time.monotonic(), self._own is not None
            what = self._ask()
            if self._felt and (connected or not self._policy.canary_sql):
                self._felt(time.monotonic() - began)
            bad = bad + 1 if what else 0
            if what:
                self._tell(_BAD(what=what))
                if bad >= self._policy.canary_failures:
                    self._strike(_TIMES(what=what, times=bad))
                    while not self._ended.wait(_STRIKES_AGAIN):  # it was caught where nobody passes it on
                        self._strike(_TIMES(what=what, times=bad))
                    break
            self._ended.wait(max(0.0, self._policy.canary_every - (time.monotonic() - began)))
        if self._own:
            self._own.close()

    def _ask(self) -> Message | None:
        """What is wrong with the answers."""
        policy = self._policy
        wrong = self._sql(policy.canary_sql) if policy.canary_sql else None
        if wrong is None and policy.canary_url and self._http:
            wrong = self._http(policy.canary_url, policy.canary_limit)
        return wrong

    def _sql(self, query: str) -> Message | None:
        limit = self._policy.canary_limit
        began = time.monotonic()
        try:
            if self._own is None or self._own.closed:
                settings = {"statement_timeout": milliseconds(limit), "default_transaction_read_only": "on"}
                self._own = connect(self._url, purpose="canary", settings=settings)
                began = time.monotonic()
            self._own.execute(query.encode())
        except psycopg.errors.QueryCanceled:
            pass
        except psycopg.Error as failure:
            return _FAILED(reason=str(failure).strip().partition("\n")[0])
        except WatariError as refused:
            return refused.message
        seconds = time.monotonic() - began
        return _SLOW(seconds=f"{seconds:.2f}", limit=f"{limit:g}") if seconds >= limit else None

    def _strike(self, complaint: Message) -> None:
        """Stops it wherever it is: in a statement, in a pause, in the framework's own command."""
        with self._striking:
            if self._ended.is_set():
                return
            self.complaint = complaint
            if self._main:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                return
        with contextlib.suppress(psycopg.Error):
            self._cancel()
