"""Who is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from watari.execution.failure import shown
from watari.execution.queries import load

_AUTOVACUUM = "autovacuum worker"


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One session that holds what a step waits for; `age` is that of its transaction in seconds."""

    pid: int
    user: str | None
    application: str
    kind: str | None  # backend_type
    state: str | None
    age: float | None
    query: str

    @property
    def autovacuum(self) -> bool:
        """Whether it is the server's own vacuum, which gives way by itself to a lock that waits long enough."""
        return self.kind == _AUTOVACUUM

    def __str__(self) -> str:
        """One line: `pid 4711 (app, report), idle in transaction for 8.0 s: SELECT …`."""
        who = ", ".join(part for part in (self.user, self.application or self.kind) if part)
        age = f" for {self.age:.1f} s" if self.age is not None else ""
        return f"pid {self.pid} ({who}), {self.state or self.kind or '?'}{age}: {shown(self.query)}"


def blockers_of(guard: psycopg.Connection, pid: int) -> tuple[Blocker, ...]:
    """The sessions that the session `pid` waits for right now."""
    return from_rows(guard.execute(load("blockers"), [pid]).fetchall())


def sessions_named(guard: psycopg.Connection, application: str) -> tuple[Blocker, ...]:
    """The sessions of this database that go by an application name."""
    return from_rows(guard.execute(load("sessions_named"), [application]).fetchall())


def from_rows(rows: Sequence[Sequence[Any]]) -> tuple[Blocker, ...]:
    """Rows of `blockers.sql` as values."""
    names = ("pid", "user", "application", "kind", "state", "age", "query")
    return tuple(Blocker(**dict(zip(names, row, strict=True))) for row in rows)
