"""Who is in the way, and how full the server is.

Lock and session views show what the asking user may see: without `pg_read_all_stats`, another user's query and
transaction age stay hidden, its process and its lock do not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import psycopg
from psycopg.rows import tuple_row

from watari.catalog import CONFLICTS, LockMode, Name
from watari.locale import Message, Text
from watari.postgres.queries import load
from watari.values import dataclass

_SHOWN = 120

HOLDS = Text(
    en="{who} holds {mode} on {relation}{age}{doing}",
    ja="{who} が {relation} の {mode} ロックを保持しています{age}{doing}",
)
QUEUES = Text(
    en="{who} waits for {mode} on {relation}, and everyone behind it too{age}{doing}",
    ja="{who} が {relation} の {mode} ロックを待っており、後続も待たされます{age}{doing}",
)
OPEN = Text(en="{who} keeps a transaction open{age}{doing}", ja="{who} がトランザクションを開いたままです{age}{doing}")
AGE = Text(en=" (for {seconds} s)", ja="({seconds} 秒経過)")
DOING = Text(en=": {query}", ja=": {query}")
SESSION = Text(
    en="pid {pid}, user {user}, application {application}, {state}",
    ja="pid {pid}(ユーザー {user}、アプリケーション {application}、{state})",
)
PREPARED = Text(
    en="prepared transaction {gid} of user {user} (ROLLBACK PREPARED or COMMIT PREPARED ends it)",
    ja="ユーザー {user} のプリペアドトランザクション {gid}(ROLLBACK PREPARED または COMMIT PREPARED で終了)",
)
WRAPAROUND = Text(
    en="autovacuum to prevent wraparound, pid {pid} (it does not give way)",
    ja="周回防止の自動バキューム pid {pid}(ロック要求に譲りません)",
)
AUTOVACUUM = Text(
    en="autovacuum, pid {pid} (it gives way to a lock request)",
    ja="自動バキューム pid {pid}(ロック要求があれば中断します)",
)
DUMP = Text(
    en="pg_dump, pid {pid}, user {user} (it keeps its locks until the dump ends)",
    ja="pg_dump pid {pid}(ユーザー {user}、ダンプが終わるまでロックを保持します)",
)
NOTHING = Text(en="", ja="")
UNKNOWN = Text(en="unknown", ja="不明")


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One session, or one prepared transaction, that others wait for.

    `transaction_age` is seconds since its transaction began; `mode` is the lock as `pg_locks` writes it, `granted` whether it
    holds it or queues for it; `prepared` is the identifier of a prepared transaction, which has no process.
    """

    pid: int | None
    user: str | None
    application: str
    kind: str
    state: str | None
    query: str
    transaction_age: float | None
    relation: Name | None = None
    mode: str | None = None
    granted: bool = True
    prepared: str | None = None
    address: str | None = None

    @property
    def autovacuum(self) -> bool:
        """Whether the server's own vacuum is at work."""
        return self.kind == "autovacuum worker"

    @property
    def wraparound(self) -> bool:
        """Whether it is the vacuum that does not give way."""
        return self.autovacuum and "to prevent wraparound" in self.query

    @property
    def dump(self) -> bool:
        """Whether it is pg_dump, which holds ACCESS SHARE on everything it dumps."""
        return self.application.startswith("pg_dump")

    @property
    def message(self) -> Message:
        """One line for people."""
        age = AGE(seconds=f"{self.transaction_age:.0f}") if self.transaction_age is not None else NOTHING()
        doing = DOING(query=shown_query(self.query)) if self.query and not self.autovacuum else NOTHING()
        told = {"who": self._who(), "age": age, "doing": doing}
        if self.relation is None or self.mode is None:
            return OPEN(**told)
        mode = LockMode.of(self.mode)
        return (HOLDS if self.granted else QUEUES)(mode=mode, relation=self.relation, **told)

    def __str__(self) -> str:
        return str(self.message)

    def _who(self) -> Message:
        user = self.user or UNKNOWN()
        if self.prepared:
            return PREPARED(gid=self.prepared, user=user)
        if self.autovacuum:
            return (WRAPAROUND if self.wraparound else AUTOVACUUM)(pid=self.pid)
        if self.dump:
            return DUMP(pid=self.pid, user=user)
        return SESSION(
            pid=self.pid, user=user, application=self.application or UNKNOWN(), state=self.state or UNKNOWN()
        )


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


def shown_query(query: str, *, longest: int = _SHOWN) -> str:
    """A query on one line, cut to `longest` characters; one that may name a password is cut to its first words."""
    line = " ".join(query.split())
    if re.search(r"password|secret|credential", line, re.IGNORECASE):
        return " ".join(line.split()[:2]) + " …"
    return line if len(line) <= longest else line[: longest - 1] + "…"


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
