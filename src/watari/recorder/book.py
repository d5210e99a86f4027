"""What is known of one database while it is recorded: its relations by oid, as the last commit left them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Self

import psycopg

from watari.catalog import Name
from watari.recorder.queries import load
from watari.values import dataclass, replace

_FIRST = 16_383  # oids above it are the user's


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One relation; `kind` as in pg_class, `file` its file node, `hidden`: TOAST, or watari's own."""

    schema: str
    name: str
    kind: str
    file: int | None = None
    table: int | None = None  # of an index
    hidden: bool = False
    pages: int = 0  # as the last ANALYZE counted them

    def read_by_pages(self, fetched: int) -> bool:
        """Whether so many of its blocks are all of it: VACUUM and ANALYZE count no scan."""
        return self.kind in "rm" and fetched >= max(1, self.pages)

    def __str__(self) -> str:
        return str(Name(self.schema, self.name))


class Book:
    """Read over a connection of the recorder's own, then kept up to date by what the sessions see.

    The connection is open only while there are sessions: a database with a guest in it can be neither dropped nor copied.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection]) -> None:
        self._connect = connect
        self._connection: psycopg.Connection | None = None
        self._sessions = 0
        self._lock = threading.RLock()
        self.version = 0
        self.hides_deallocate = False
        self.relations: dict[int, Relation] = {}
        self.highest = _FIRST

    def __enter__(self) -> Self:
        """One more session; raises a `ReachError`."""
        with self._lock:
            if not self._sessions:
                self._read()
            self._sessions += 1
        return self

    def __exit__(self, *exc: object) -> None:
        with self._lock:
            self._sessions -= 1
            if not self._sessions:
                self.close()

    def close(self) -> None:
        """Gives the connection up; it comes back when there is a question."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _read(self) -> None:
        row = self.ask("hides_deallocate").fetchone()
        self.hides_deallocate = bool(row and row[0])
        self.version = self._opened().info.server_version
        self.refresh()

    def _opened(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        return self._connection

    def ask(self, question: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> psycopg.Cursor:
        """One of the recorder's questions, over its own connection."""
        with self._lock:
            return self._opened().execute(load(question), values)

    def refresh(self, only: Collection[int] | None = None) -> None:
        """Reads the relations anew: all of them, or these."""
        values = {"only": list(only) if only is not None else None}
        rows = self.ask("relations", values).fetchall()
        if only is None:
            self.relations.clear()
        for oid in only or ():
            self.relations.pop(oid, None)
        for oid, schema, name, kind, file, table, hidden, pages in rows:
            self.add(
                oid,
                Relation(
                    schema=schema, name=name, kind=kind, file=file, table=table, hidden=hidden, pages=max(0, pages)
                ),
            )

    def add(self, oid: int, relation: Relation) -> None:
        """A relation that is there now."""
        self.relations[oid] = relation
        self.highest = max(self.highest, oid)

    def lives_in(self, oid: int, file: int) -> None:
        """A relation has another file now."""
        if oid in self.relations:
            self.relations[oid] = replace(self.relations[oid], file=file)

    def drop(self, oid: int) -> None:
        """A relation is gone."""
        self.relations.pop(oid, None)
