"""The names of two databases are exchanged: one transaction, so that a crash at any moment leaves either all or nothing.

How it keeps newcomers out (PostgreSQL source, dbcommands.c and postinit.c): a rename takes an exclusive lock on the
database, for which every new session waits, and then waits five seconds for those inside to leave; another session closes
them meanwhile. A fence by ALLOW_CONNECTIONS would have to be committed first, and would stay behind after a crash.
"""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import psycopg
from psycopg import sql

from watari.backup import beside, names
from watari.backup.questions import rows, value
from watari.errors.backups import RestoreNotAllowed, SwapBlocked
from watari.errors.running import RunBusy
from watari.errors.usage import RestoreOverLive
from watari.evidence.restoration import KeptDatabase
from watari.locale import Message, Text
from watari.project.url import DatabaseUrl
from watari.values import dataclass

_TRIES = 3
#: The first half of the advisory locks that a run holds (execution/session.py).
_KEYSPACE = int.from_bytes(b"wata", "big")
_LOOK_SECONDS = 0.005

_RENAME = Text(en="rename the database of {owner}", ja="所有者 {owner} のデータベースの名前変更")
_RUNNING = Text(en='a run (pid {pid}, "{application}")', ja='実行中の処理（pid {pid}、"{application}"）')
_PREPARED = Text(
    en="{count} prepared transactions are open in it (COMMIT PREPARED or ROLLBACK PREPARED ends them)",
    ja="プリペアドトランザクションが {count} 件残っています（COMMIT PREPARED または ROLLBACK PREPARED で終了してください）",
)
_IN_USE = Text(en="sessions do not leave: {sessions}", ja="切断できないセッションがあります: {sessions}")
_NOT_OURS = Text(
    en='role "{role}" may not close the sessions of {users}',
    ja='ロール "{role}" は {users} のセッションを切断できません',
)
_SLOT = Text(
    en='logical replication slot "{name}" stays with the kept database; its consumer has to begin anew',
    ja='論理レプリケーションスロット "{name}" は保存した元のデータベース側に残ります。受信側は再初期化が必要です',
)
_SUBSCRIPTION = Text(
    en='subscription "{name}" stays with the kept database; create it again in the restored one',
    ja='サブスクリプション "{name}" は保存した元のデータベース側に残ります。復元側で作り直してください',
)
_SLOT_HOLDS = Text(
    en='logical replication slot "{name}" belongs to it and would vanish with it',
    ja='論理レプリケーションスロット "{name}" が含まれており、一緒に失われます',
)


@dataclass(frozen=True, kw_only=True)
class Swapped:
    """`kept` is the new name of the database that stood there, None where there was none; `seconds` from the first closed
    session to the commit; `terminated` counts the sessions that were closed."""

    kept: str | None
    seconds: float
    terminated: int


def require_swappable(connection: psycopg.Connection, live: str, copy: str) -> None:
    """Returns if the names could be swapped; raises `RestoreNotAllowed`, `SwapBlocked`, or `RunBusy` during a run."""
    info = connection.info
    found = rows(connection, "may_rename", {"database": live})
    if found and not found[0][0]:
        place = {"host": info.host, "port": info.port}
        raise RestoreNotAllowed(role=info.user, action=_RENAME(owner=found[0][1]), **place)
    if running := rows(connection, "run_holders", {"keyspace": _KEYSPACE, "database": live}):
        raise RunBusy(database=live, holder=_RUNNING(pid=running[0][0], application=running[0][1]))
    if prepared := value(connection, "prepared_transactions", {"database": live}):
        raise SwapBlocked(database=live, copy=copy, reason=_PREPARED(count=prepared))


def left_behind(connection: psycopg.Connection, live: str) -> tuple[Message, ...]:
    """What will not move along: logical slots and subscriptions of the live database."""
    found = rows(connection, "left_behind", {"database": live})
    return tuple((_SLOT if kind == "slot" else _SUBSCRIPTION)(name=name) for kind, name in found)


def swap(url: DatabaseUrl, copy: str) -> Swapped:
    """Gives `copy` the name of the url's database, which is kept as `<name>_watari_before_<time>` and lets nobody in.

    Sessions of both are closed; new ones wait, and find the restored database when they try again. Where the live
    database is gone, the copy just takes its name. Raises `SwapBlocked`, `RestoreNotAllowed`; then both stand as before.
    """
    live = url.database
    with (
        beside.maintenance(url, "swap") as renaming,
        beside.maintenance(url, "swap") as closing,
        ThreadPoolExecutor(1) as pool,
    ):
        require_swappable(closing, live, copy)
        there = bool(value(closing, "database_exists", {"database": live}))
        kept = beside.free_name(closing, live, names.BEFORE) if there else None
        closed: set[int] = set()
        for attempt in range(1, _TRIES + 1):
            began = time.monotonic()
            _close_sessions(closing, (live, copy), closed)
            done = pool.submit(_rename, renaming, live, copy, kept)
            try:
                _wait(done, renaming, closing, (live, copy), closed)
                return Swapped(kept=kept, seconds=time.monotonic() - began, terminated=len(closed))
            except psycopg.errors.ObjectInUse:
                if attempt == _TRIES:
                    raise SwapBlocked(database=live, copy=copy, reason=_in_use(closing, live)) from None
            except psycopg.errors.InsufficientPrivilege as failure:
                raise SwapBlocked(database=live, copy=copy, reason=_first_line(failure)) from None
        raise AssertionError("the last attempt returns or raises")


def kept_databases(url: DatabaseUrl, *, kind: str = names.BEFORE) -> tuple[KeptDatabase, ...]:
    """The databases that stand beside the url's database, oldest first."""
    with beside.maintenance(url, "release") as connection:
        found = rows(connection, "kept", {"prefix": names.prefix(url.database, kind)})
    kept = [(names.made_at(name, url.database, kind), name, size, sessions) for name, size, sessions in found]
    return tuple(
        KeptDatabase(name=name, of=url.database, kind=kind, bytes=int(size), at=at, sessions=int(sessions))
        for at, name, size, sessions in kept
        if at
    )


def let_go(url: DatabaseUrl, kept: KeptDatabase) -> None:
    """Drops a kept database for good. Raises `SwapBlocked` where a logical slot would vanish with it, and
    `RestoreOverLive` for a name that watari did not give."""
    if names.made_at(kept.name, url.database, kept.kind) is None:
        raise RestoreOverLive(database=kept.name)
    with beside.maintenance(url, "release") as connection:
        for kind, name in rows(connection, "left_behind", {"database": kept.name}):
            if kind == "slot":
                raise SwapBlocked(database=kept.name, copy=url.database, reason=_SLOT_HOLDS(name=name))
        beside.drop(connection, kept.name)


def _rename(connection: psycopg.Connection, live: str, copy: str, kept: str | None) -> None:
    """Everything in one transaction: until its commit nothing has happened."""
    connection.execute("set lock_timeout = '10s'")
    with connection.transaction():
        if kept is not None:
            connection.execute(_renaming(live, kept))
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(kept)))
        connection.execute(_renaming(copy, live))
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(live)))


def _renaming(before: str, after: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))


def _wait(
    done: Future[None],
    renaming: psycopg.Connection,
    closing: psycopg.Connection,
    databases: tuple[str, ...],
    closed: set[int],
) -> None:
    """Closes whoever got in before the rename's lock, until the rename has them all outside."""
    try:
        while not done.done():
            _close_sessions(closing, databases, closed)
            time.sleep(_LOOK_SECONDS)
    except BaseException:
        renaming.cancel_safe(timeout=5)
        with suppress(psycopg.errors.QueryCanceled, psycopg.errors.ObjectInUse):
            done.result()
            return  # it was through already
        raise
    done.result()


def _close_sessions(connection: psycopg.Connection, databases: tuple[str, ...], closed: set[int]) -> None:
    for database in databases:
        for pid, user, _ in rows(connection, "sessions", {"database": database}):
            try:
                value(connection, "close_session", {"pid": pid})
            except psycopg.errors.InsufficientPrivilege:
                reason = _NOT_OURS(role=connection.info.user, users=user)
                raise SwapBlocked(database=databases[0], copy=databases[1], reason=reason) from None
            closed.add(pid)


def _in_use(connection: psycopg.Connection, database: str) -> Message:
    found = rows(connection, "sessions", {"database": database})
    return _IN_USE(sessions=", ".join(f"{pid} ({user}, {application})" for pid, user, application in found) or "-")


def _first_line(failure: BaseException) -> str:
    return str(failure).partition("\n")[0]
