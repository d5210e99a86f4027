"""The two connections of a run, and the locks that keep every other run out.

The guard is idle outside any transaction and holds the advisory locks; it also looks around while the other connection
waits. The worker does the work. It holds a lock of its own, because the server goes on with a statement whose client was
killed: until that is over, no other run may begin.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

import psycopg

from watari.errors.running import RunBusy
from watari.execution import history
from watari.execution.pulse import Pulse
from watari.execution.queries import load
from watari.locale import Message, Text
from watari.postgres.connection import connect, require_direct, require_primary
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl

#: Watari's advisory locks: two four-byte keys, the first of them "wata".
KEYSPACE = int.from_bytes(b"wata", "big")
GUARD, WORKER = 1, 2

# for the socket of a process that has just been killed to be noticed, and for two starts at once to sort themselves out
_PATIENCE = 1.0
# for a statement whose client is gone; afterwards its session is ended, which rolls it back
_ZOMBIE_PATIENCE = 5.0
_POLL = 0.05

_HOLDER = Text(
    en='another session: pid {pid}, user "{user}", application "{application}", since {since}{run}',
    ja='別のセッション: pid {pid}、ユーザー "{user}"、アプリケーション "{application}"、開始 {since}{run}',
)
_RUN = Text(en=" (run {run} on {host} by {by})", ja=" (実行 {run}、ホスト {host}、実行者 {by})")
_GONE = Text(en="another session that has just ended", ja="終了直後の別セッション")
_NOTHING = Text(en="", ja="")


class Session:
    """Both connections, with every lock held; ended by `close()` or by leaving the context."""

    def __init__(
        self, guard: psycopg.Connection, work: psycopg.Connection, runner_keys: Sequence[int], pulse: Pulse
    ) -> None:
        self.guard = guard
        self.work = work
        self._runner_keys = tuple(runner_keys)
        self._pulse = pulse
        self._pids = [guard.info.backend_pid, work.info.backend_pid]
        pulse.start()

    @classmethod
    def open(cls, url: DatabaseUrl, *, runner_keys: Sequence[int], policy: Policy, purpose: str) -> Session:
        """Connects twice and takes the locks.

        `runner_keys` are those of the framework's own runner. Raises a `ReachError`, of which `RunBusy` says who holds
        the database.
        """
        with contextlib.ExitStack() as undo:
            guard = connect(url, purpose=purpose, settings={"idle_session_timeout": "0", "lock_timeout": "1s"})
            undo.callback(guard.close)
            require_direct(guard)
            require_primary(guard)
            _hold(guard, GUARD, _PATIENCE)
            _hold_runner(guard, runner_keys)
            work = connect(url, purpose=f"{purpose} worker", settings=_work_settings(policy) | _dead_clients(guard))
            undo.callback(work.close)
            _hold_worker(guard, work)
            undo.pop_all()
        return cls(guard, work, runner_keys, Pulse(url, (guard, work), silence=policy.network_timeout))

    def name(self, purpose: str) -> None:
        """Lets pg_stat_activity say which run this is."""
        self.guard.execute(load("name_session"), [f"watari {purpose}"])

    @contextlib.contextmanager
    def runner_lent(self) -> Iterator[None]:
        """Gives the framework's own runner its lock for the time of its own command."""
        for key in self._runner_keys:
            self.guard.execute(load("let_go_runner"), [key])
        try:
            yield
        finally:
            _hold_runner(self.guard, self._runner_keys)

    def require_guard(self) -> None:
        """Returns if the locks are still held; raises `psycopg.OperationalError` where their session is gone."""
        self.guard.execute("select 1")

    def abandon(self) -> None:
        """Cancels whatever the worker is doing and drops its connection; what was not committed is rolled back.

        Returns when the server is done with it, within a moment: what the guard then reads is how it ended.
        """
        with contextlib.suppress(psycopg.Error):
            if self.work.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                self.work.cancel_safe(timeout=5)
        self.work.close()
        with contextlib.suppress(psycopg.Error):
            _polled(lambda: _try(self.guard, "hold", KEYSPACE, WORKER), _PATIENCE)

    def farewell(self, url: DatabaseUrl, last_words: Callable[[psycopg.Connection], None]) -> None:
        """Says `last_words` where the guard can say nothing any more, and ends what of both sessions is left in the server.

        Raises `psycopg.Error` or a `ReachError` where the server is not to be reached.
        """
        with connect(url, purpose="farewell") as connection:
            connection.execute(load("end_own_sessions"), [self._pids])
            last_words(connection)

    def close(self) -> None:
        """Ends both connections, and with them the locks."""
        self._pulse.stop()
        self.work.close()
        self.guard.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _work_settings(policy: Policy) -> dict[str, str]:
    # a suspended client must not keep the application waiting behind an open transaction
    return {
        "lock_timeout": milliseconds(policy.lock_timeout),
        "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "60s",
        "idle_session_timeout": "0",
    }


def milliseconds(seconds: float) -> str:
    """A number of seconds as PostgreSQL takes it; what is more than none never becomes none."""
    return f"{max(1, round(seconds * 1000)) if seconds > 0 else 0}ms"


def _hold(guard: psycopg.Connection, key: int, patience: float) -> None:
    if not _polled(lambda: _try(guard, "hold", KEYSPACE, key), patience):
        raise RunBusy(database=guard.info.dbname, holder=_holder(guard, KEYSPACE, key, 2))


def _hold_runner(guard: psycopg.Connection, keys: Sequence[int]) -> None:
    for key in keys:
        if not _polled(lambda key=key: _try(guard, "hold_runner", key), _PATIENCE):  # type: ignore[misc]
            unsigned = key % 2**64
            raise RunBusy(database=guard.info.dbname, holder=_holder(guard, unsigned >> 32, unsigned % 2**32, 1))


def _hold_worker(guard: psycopg.Connection, work: psycopg.Connection) -> None:
    """Waits until a statement of a killed run is over, or ends it; what it did not commit was not done."""
    if _polled(lambda: _try(work, "hold", KEYSPACE, WORKER), _ZOMBIE_PATIENCE):
        return
    found = guard.execute(load("holder"), [KEYSPACE, WORKER, 2]).fetchone()
    try:
        if found:
            guard.execute(load("end_session"), [found[0]])
    except psycopg.errors.InsufficientPrivilege:
        pass
    if not _polled(lambda: _try(work, "hold", KEYSPACE, WORKER), _ZOMBIE_PATIENCE):
        raise RunBusy(database=guard.info.dbname, holder=_holder(guard, KEYSPACE, WORKER, 2))


def _try(connection: psycopg.Connection, query: str, *keys: int) -> bool:
    row = connection.execute(load(query), keys).fetchone()
    return bool(row and row[0])


def _polled(ask: Callable[[], bool], patience: float) -> bool:
    """Asks again and again: a lock request that waits is itself an old snapshot that concurrent builds wait for."""
    deadline = time.monotonic() + patience
    while not ask():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL)
    return True


def _holder(guard: psycopg.Connection, first: int, second: int, size: int) -> Message:
    row = guard.execute(load("holder"), [first, second, size]).fetchone()
    if row is None:
        return _GONE()
    pid, user, application, _, since, _ = row
    moment = f"{since:%Y-%m-%d %H:%M:%S%z}" if since else "?"
    return _HOLDER(pid=pid, user=user, application=application, since=moment, run=_run_of_holder(guard))


def _run_of_holder(guard: psycopg.Connection) -> Message:
    try:
        begun = history.unfinished(guard)
    except psycopg.Error:  # a journal that this user may not read
        begun = None
    return _RUN(run=begun.run.id, host=begun.run.host, by=begun.run.by) if begun else _NOTHING()


def _dead_clients(guard: psycopg.Connection) -> dict[str, str]:
    """What lets the server end a statement within seconds of its client's death, where its system can tell."""
    try:
        guard.execute("set client_connection_check_interval = '2s'")
    except psycopg.Error:
        return {}
    return {"client_connection_check_interval": "2s"}
