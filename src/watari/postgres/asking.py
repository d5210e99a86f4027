"""Questions to a live database that may take long or be refused: bounded, and answered either way."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from watari.catalog import Name
from watari.locale import Message, Text
from watari.postgres.queries import load

NOT_READABLE = Text(en="the user may not read it", ja="参照権限がありません")
HIDDEN_ROWS = Text(
    en="row level security hides rows from the user", ja="行レベルセキュリティにより一部の行が見えません"
)
TOO_LONG = Text(en="it took longer than {seconds} s", ja="{seconds} 秒以内に完了しませんでした")
LOCKED = Text(en="another session holds it exclusively", ja="他のセッションが排他ロックを保持しています")
SAID = Text(en="{words}", ja="{words}")


class Asking:
    """A transaction that is rolled back, in which each question may take `seconds`; no row is hidden silently."""

    def __init__(self, connection: psycopg.Connection, seconds: float) -> None:
        self.seconds = seconds
        self._connection = connection
        self._transaction = connection.transaction(force_rollback=True)
        self._readable: dict[Name, tuple[bool, bool]] | None = None

    def __enter__(self) -> Asking:
        self._transaction.__enter__()
        limits = {"statement_timeout": str(round(self.seconds * 1000)), "lock_timeout": "5000", "row_security": "off"}
        for name, value in limits.items():
            self._connection.execute(load("set_local"), [name, value])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._transaction.__exit__(kind, error, at)

    def rows(self, query: sql.SQL | sql.Composed) -> tuple[list[Any], Message | None]:
        """The rows, or why there are none; the transaction goes on either way."""
        try:
            with self._connection.transaction(), self._connection.cursor(row_factory=tuple_row) as cursor:
                return cursor.execute(query).fetchall(), None
        except psycopg.errors.QueryCanceled:
            return [], TOO_LONG(seconds=f"{self.seconds:g}")
        except psycopg.errors.LockNotAvailable:
            return [], LOCKED()
        except psycopg.errors.InsufficientPrivilege as refused:
            return [], SAID(words=str(refused).partition("\n")[0])

    def unreadable(self, tables: Iterable[Name]) -> Message | None:
        """Why one of the tables cannot be read in full; None where all can."""
        if self._readable is None:
            rows, why = self.rows(load("readable_tables"))
            if why is not None:
                return why
            self._readable = {Name(schema, name): (select, secured) for schema, name, select, secured in rows}
        for table in tables:
            select, secured = self._readable.get(table, (False, False))
            if not select or secured:
                return HIDDEN_ROWS() if select else NOT_READABLE()
        return None
