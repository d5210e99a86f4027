"""Who is in the way, and how full the server is.

Lock and session views show what the asking user may see: without `pg_read_all_stats`, another user's query and
transaction age stay hidden, its process and its lock do not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import psycopg
from psycopg.rows import tuple_row

from watari.catalog import CONFLICTS, LockMode, Name
from watari.evidence.blocker import Blocker, shown_query
from watari.postgres.queries import load
from watari.values import dataclass

__all__ = [
    "Blocker",
    "Connections",
    "blockers_of",
    "busy_sessions",
    "connections",
    "exclusive_holders",
    "holders",
    "old_snapshots",
    "shown_query",
]


@dataclass(frozen=True, kw_only=True)
class Connections:
    """How many sessions a database has, and how many the server allows; the asking one is not counted."""

    total: int
    active: int
    idle: int
    idle_in_transaction: int
    waiting_for_lock: int
    on_server: int
    allowed: int
    reserved: int
    database_limit: int | None = None

    @property
    def free(self) -> int:
        """How many more sessions an ordinary user can open, the asking one counted."""
        left = self.allowed - self.reserved - self.on_server - 1
        return max(0, left if self.database_limit is None else min(left, self.database_limit - self.total - 1))


def blockers_of(connection: psycopg.Connection, pid: int) -> tuple[Blocker, ...]:
    """Who keeps the server process `pid` waiting at this moment; asked from another session."""
    return _blockers(connection, "activity_blockers", {"pid": pid})


def holders(
    connection: psycopg.Connection, relations: Collection[Name], mode: LockMode, *, ours: Collection[int] = ()
) -> tuple[Blocker, ...]:
    """Who would keep a request for `mode` on one of `relations` waiting: holders first, then those queued before.

    `ours` are processes that do not count.
    """
    names = sorted(relations)
    modes = [_as_in_pg_locks(conflicting) for conflicting in CONFLICTS[mode]]
    parameters = {
        "schemas": [name.schema for name in names],
        "names": [name.name for name in names],
        "modes": modes,
        "ours": list(ours),
    }
    return _blockers(connection, "activity_holders", parameters)


def old_snapshots(
    connection: psycopg.Connection, *, older_than: float = 0.0, ours: Collection[int] = ()
) -> tuple[Blocker, ...]:
    """Whose snapshots a concurrent build would have to wait for, whatever table they look at; the oldest first.

    `older_than` is seconds.
    """
    return _blockers(connection, "activity_snapshots", {"seconds": older_than, "ours": list(ours)})


def busy_sessions(connection: psycopg.Connection) -> tuple[Blocker, ...]:
    """Everyone who is doing something in this database, the longest statement first; `granted` is False where it waits."""
    return _blockers(connection, "activity_busy", {})


def exclusive_holders(connection: psycopg.Connection) -> str:
    """Who holds relations of this database exclusively, in one line; nothing where the session cannot ask any more."""
    try:
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            return "; ".join(row[0] for row in cursor.execute(load("exclusive_holders")).fetchall())
    except psycopg.Error:
        return ""


def connections(connection: psycopg.Connection) -> Connections:
    """How full database and server are."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(load("activity_connections"), {}).fetchone()
    total, active, idle, open_, waiting, server, allowed, reserved, limit = row or (0,) * 8 + (None,)
    return Connections(
        total=total,
        active=active,
        idle=idle,
        idle_in_transaction=open_,
        waiting_for_lock=waiting,
        on_server=server,
        allowed=allowed,
        reserved=reserved,
        database_limit=limit,
    )


def _as_in_pg_locks(mode: LockMode) -> str:
    return "".join(word.capitalize() for word in mode.name.split("_")) + "Lock"


def _blockers(connection: psycopg.Connection, query: str, parameters: Mapping[str, object]) -> tuple[Blocker, ...]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(load(query), parameters).fetchall()
    found = []
    for pid, user, application, kind, state, text, age, schema, name, mode, granted, gid, address in rows:
        one = Blocker(
            pid=pid,
            user=user,
            application=application,
            kind=kind,
            state=state,
            query=text,
            transaction_age=age,
            relation=Name(schema, name) if schema and name else None,
            mode=mode,
            granted=granted,
            prepared=gid,
            address=address,
        )
        if one not in found:
            found.append(one)
    return tuple(found)
