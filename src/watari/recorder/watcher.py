"""Looks from outside at statements that refuse a transaction, and so refuse a look from inside: a lower bound of their locks.

The looks come from another database where there is one to go to, so that no snapshot of theirs holds up CREATE INDEX
CONCURRENTLY. Files and counters are compared before and after, which is exact.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psycopg

from watari.catalog import LockMode
from watari.errors.base import WatariError
from watari.evidence.effect import Effect
from watari.evidence.recording import RecordedStatement
from watari.recorder.book import Book, Relation
from watari.recorder.changes import stronger
from watari.recorder.queries import load
from watari.recorder.running import Running
from watari.recorder.wording import READS_BY_PAGES
from watari.values import dataclass, field, replace

_EVERY = 0.002
_CLOSELY = 0.02  # at first without a pause: most such statements are short
_LAST_SAMPLE = 1.0


@dataclass(frozen=True, kw_only=True)
class _State:
    """Relations by oid, how often each was read through, and how many of its blocks were fetched."""

    relations: dict[int, Relation]
    counters: dict[int, tuple[int, int]]

    def since(self, before: _State, oid: int) -> tuple[int, int]:
        """What was added."""
        (scans, blocks), (scans_before, blocks_before) = (
            self.counters.get(oid, (0, 0)),
            before.counters.get(oid, (0, 0)),
        )
        return scans - scans_before, blocks - blocks_before


@dataclass(kw_only=True)
class _Watched:
    """What was seen of one statement so far."""

    before: _State
    by_pages: bool
    after: _State | None = None
    modes: dict[int, LockMode] = field(default_factory=dict)
    waits: dict[str, None] = field(default_factory=dict)


class Watcher:
    """One for all sessions of a recorder; `add` takes the statements when they are complete."""

    def __init__(self, connect: Callable[[], psycopg.Connection], add: Callable[[RecordedStatement], None]) -> None:
        self._connect = connect
        self._add = add
        self._watched: dict[int, tuple[_Watched, threading.Thread]] = {}
        self._idle: list[psycopg.Connection] = []

    def on(self, book: Book) -> OfDatabase:
        """The same for sessions on one database."""
        return OfDatabase(self, book)

    def watch(self, book: Book, pid: int, running: Running) -> None:
        """Begins to look at the statement, which is about to be sent, until it has ended."""
        watched = _Watched(before=_state(book), by_pages=running.wording.word in READS_BY_PAGES)
        thread = threading.Thread(target=self._look, args=(pid, running, watched), daemon=True)
        self._watched[id(running)] = watched, thread
        thread.start()

    def after(self, book: Book, running: Running) -> None:
        """Looks up what the statement left."""
        if id(running) in self._watched:
            self._watched[id(running)][0].after = _state(book)

    def finish(self, running: Running, statement: RecordedStatement) -> None:
        """The statement as its session has written it down, with what was seen of it."""
        watched, thread = self._watched.pop(id(running), (None, None))
        if watched is None or thread is None:
            self._add(statement)
            return
        thread.join(_LAST_SAMPLE)
        self._add(replace(statement, effects=_effects(watched), waited_for=tuple(watched.waits)))

    def forget(self, running: Running) -> None:
        """Ends the looks at a statement that will not be answered: its session is gone, or the server skipped it."""
        self._watched.pop(id(running), None)

    def open(self) -> None:
        """Has a connection ready: the first look must not come late."""
        if not self._idle:
            self._idle.append(self._connect())

    def close(self) -> None:
        """Gives the connections up."""
        while self._idle:
            self._idle.pop().close()

    def _look(self, pid: int, running: Running, watched: _Watched) -> None:
        try:
            connection = self._idle.pop() if self._idle else self._connect()
            while running.ended is None and id(running) in self._watched:
                self._sample(connection, pid, watched)
                if time.monotonic() - running.began > _CLOSELY:
                    time.sleep(_EVERY)
            self._idle.append(connection)
        except (psycopg.Error, WatariError):
            return  # fewer samples: the locks are a lower bound anyway

    def _sample(self, connection: psycopg.Connection, pid: int, watched: _Watched) -> None:
        for oid, mode, kind, granted, others in connection.execute(load("locks_from_outside"), [pid]).fetchall():
            if not granted:
                watched.waits[f"{kind} {mode}" + (f", held by {others}" if others else "")] = None
            elif oid and oid >= 16384 and mode != "SIReadLock":
                watched.modes[oid] = max(LockMode.of(mode), watched.modes.get(oid, LockMode.ACCESS_SHARE))


@dataclass(frozen=True)
class OfDatabase:
    """A watcher for the sessions on one database."""

    watcher: Watcher
    book: Book

    def watch(self, pid: int, running: Running) -> None:
        """Begins to look at a statement."""
        self.watcher.watch(self.book, pid, running)

    def after(self, running: Running) -> None:
        """Looks up what it left."""
        self.watcher.after(self.book, running)

    def forget(self, running: Running) -> None:
        """Looks at it no longer."""
        self.watcher.forget(running)


def _state(book: Book) -> _State:
    book.refresh()
    relations = dict(book.relations)
    tables = [oid for oid, relation in relations.items() if relation.kind in "rmp" and not relation.hidden]
    rows = book.ask("counters", [tables]).fetchall()
    return _State(relations=relations, counters={oid: (scans or 0, blocks or 0) for oid, scans, blocks in rows})


def _effects(watched: _Watched) -> tuple[Effect, ...]:
    """One effect for each relation that was locked, moved to another file, read through, made or dropped."""
    if watched.after is None:
        return ()
    before, after = watched.before.relations, watched.after.relations
    names = {str(relation): oid for oid, relation in before.items()}
    found: dict[str, Effect] = {}
    for oid in before.keys() | after.keys() | watched.modes.keys():
        relation = before.get(oid) or after.get(oid)
        if relation is None or relation.hidden:
            continue
        now, was = after.get(oid), before.get(oid)
        stands_in = was is None and names.get(str(relation), oid) not in after
        scans, blocks = watched.after.since(watched.before, oid)
        origin = before[names[str(relation)]] if stands_in else was
        effect = Effect(
            relation=str(relation),
            lock=watched.modes.get(oid),
            created=was is None and not stands_in,
            rewrite=bool(now and origin and now.file and origin.file and now.file != origin.file),
            scan=scans > 0 or (watched.by_pages and relation.read_by_pages(blocks)),
            destroys="table" if now is None and relation.kind in "rpmvf" else None,
            released=True,
            sampled=True,
        )
        if effect.lock or effect.rewrite or effect.scan or effect.destroys or effect.created:
            before_it = found.get(str(relation))
            found[str(relation)] = stronger(before_it, effect) if before_it else effect
    return tuple(found[name] for name in sorted(found))
