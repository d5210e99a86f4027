"""What a transaction really locks, rewrites and reads, seen from inside it just before it commits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from watari.catalog import LockMode, Name
from watari.evidence.effect import Effect
from watari.execution.queries import load
from watari.execution.session import Session
from watari.values import replace

# from here on, looking after every statement would take longer than the statements: locks stay to the end anyway
_MANY = 50


class Observer:
    """Looks at the worker's own locks after each statement and gathers what they came to."""

    def __init__(self, session: Session, statements: int) -> None:
        self._session = session
        self._each = statements <= _MANY
        self._since: dict[int, float] = {}
        self._rows: Sequence[Sequence[Any]] = ()
        self._earlier: dict[int, Sequence[int]] = {}
        self._flushes = session.work.info.server_version >= 150000
        if self._flushes:
            # else a scan of an earlier transaction, not yet handed over, would count as one of this
            session.work.execute("select pg_stat_force_next_flush()")
        ours = [session.work.info.backend_pid, session.guard.info.backend_pid]
        self._wal = session.guard.execute(load("wal_position"), [ours]).fetchone()

    def transaction_began(self) -> None:
        """Before the first statement: what counts as of earlier transactions, on a server that cannot be told to take it."""
        if not self._flushes:
            rows = self._session.work.execute(load("not_handed_over")).fetchall()
            self._earlier = {row[0]: row[1:] for row in rows}

    def after_statement(self, began: float, *, last: bool) -> None:
        """One statement has ended that began at `began` (monotonic seconds)."""
        if not self._each and not last:
            return
        rows = self._session.work.execute(load("own_locks")).fetchall()
        self._rows = [_without(row, self._earlier.get(row[0], (0, 0, 0))) for row in rows]
        for row in self._rows:
            self._since.setdefault(row[0], began)

    def effects(self) -> tuple[Effect, ...]:
        """One effect for each relation, by name; to be asked before the commit."""
        now = time.monotonic()
        oids = [row[0] for row in self._rows]
        before = {row[0]: row[1:] for row in self._session.guard.execute(load("committed"), [oids]).fetchall()}
        found = (_effect(row, before.get(row[0]), now - self._since[row[0]]) for row in self._rows)
        effects = sorted(filter(None, found), key=lambda effect: effect.relation)
        return _with_wal(effects, self._wal_bytes())

    def _wal_bytes(self) -> int | None:
        """The log that was written since the beginning; None where others write into it too."""
        if self._wal is None or not self._wal[1]:
            return None
        row = self._session.guard.execute(load("wal_since"), [self._wal[0]]).fetchone()
        return int(row[0]) if row else None


class Sampler:
    """Looks at the worker from outside, for a statement that cannot be looked at from inside: a lower bound."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._strongest: dict[str, LockMode] = {}

    def look(self) -> None:
        """Takes one sample."""
        rows = self._session.guard.execute(load("locks_of"), [self._session.work.info.backend_pid]).fetchall()
        for schema, table, modes in rows:
            name = str(Name(schema, table))
            self._strongest[name] = max(_strongest(modes), self._strongest.get(name, LockMode.ACCESS_SHARE))

    def effects(self) -> tuple[Effect, ...]:
        """One effect for each relation that was seen locked."""
        return tuple(
            Effect(relation=relation, lock=mode, released=True) for relation, mode in sorted(self._strongest.items())
        )


def _without(row: Sequence[Any], earlier: Sequence[int]) -> Sequence[Any]:
    """A row of `own_locks` with whether rows were read, and how many written, since `earlier`."""
    scans, returned, written = (now - before for now, before in zip(row[5:8], earlier, strict=True))
    return (*row[:5], scans > 0 and returned > 0, written)


def _effect(row: Sequence[Any], before: Sequence[Any] | None, seconds: float) -> Effect | None:
    _, modes, schema, name, file, scanned, written = row
    if before is None and schema is None:
        return None  # made and dropped within the transaction
    if before is not None and not before[3]:
        return None  # an index or a sequence that is gone: its table tells
    schema_before, name_before = (before[0], before[1]) if before else (schema, name)
    gone = schema is None
    return Effect(
        relation=str(Name(schema_before, name_before)),
        lock=_strongest(modes),
        created=before is None,
        rewrite=before is not None and not gone and before[2] is not None and file != before[2],
        scan=bool(scanned) and before is not None,
        destroys="table" if gone else None,
        rows=int(written) if written else None,
        seconds=round(seconds, 6),
    )


def _with_wal(effects: Sequence[Effect], size: int | None) -> tuple[Effect, ...]:
    """The log belongs to the transaction; it is told of the relation that most likely caused it."""
    if size is None or not effects:
        return tuple(effects)
    cause = max(effects, key=lambda effect: (effect.rewrite, effect.rows or 0, effect.lock or 0))
    return tuple(replace(effect, wal_bytes=size) if effect is cause else effect for effect in effects)


def _strongest(modes: Sequence[str]) -> LockMode:
    known = [LockMode.of(mode) for mode in modes if mode != "SIReadLock"]
    return max(known, default=LockMode.ACCESS_SHARE)
