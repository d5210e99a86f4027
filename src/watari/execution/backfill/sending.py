"""One batch of a backfill: the rows and the checkpoint, in one transaction and one message."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from watari.execution import script
from watari.execution.backfill.relations import Relation
from watari.execution.execution import Execution
from watari.execution.session import milliseconds
from watari.execution.wire import Watch, encoded, roll_back, send
from watari.planning.plan import Backfill, Step

_UPDATE = sql.SQL("update only {table} set {values} where {rows} and ({where})")
_PAGES = sql.SQL("ctid >= '({first},0)'::tid and ctid < '({end},0)'::tid")
_ROWS = sql.SQL("ctid = any({ctids}::tid[])")
_LACKING = sql.SQL("select ctid::text from only {table} where ({where}) limit {most}")
_COUNT = sql.SQL("select count(*) from only {table} where ({where})")
# a range of pages must be read as one: an index on the column would be read through for each batch, since the server believes
# that few rows lack a value; and a plan of milliseconds is not worth compiling
_SETTINGS = sql.SQL(
    "set lock_timeout = {lock}; set statement_timeout = {statement}; set enable_indexscan = off; "
    "set enable_indexonlyscan = off; set enable_bitmapscan = off; set jit = off; set synchronous_commit = off"
)
_JOURNAL_BY_INDEX = sql.SQL("set local enable_indexscan = on")
_RESET = (
    "reset lock_timeout; reset statement_timeout; reset enable_indexscan; reset enable_indexonlyscan; "
    "reset enable_bitmapscan; reset jit; reset synchronous_commit"
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What one batch came to; with `conflict`, somebody was in the way and nothing of it is left."""

    rows: int
    seconds: float
    conflict: psycopg.Error | None = None


class Sender:
    """Sends batches of one backfill."""

    def __init__(self, backfill: Backfill, execution: Execution) -> None:
        self._work = execution.session.work
        self._values = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), _as_written(expression))
            for column, expression in backfill.assignments
        )
        self._where = _as_written(backfill.where)

    def pages(self, relation: Relation, first: int, end: int, row: sql.Composable, watch: Watch | None) -> Sent:
        """Brings the rows of the pages from `first` up to, not including, `end` to their value; `row` is the journal's."""
        return self._send(relation, _PAGES.format(first=sql.Literal(first), end=sql.Literal(end)), row, watch)

    def rows(self, relation: Relation, ctids: Sequence[str], row: sql.Composable, watch: Watch | None) -> Sent:
        """The same for single rows."""
        return self._send(relation, _ROWS.format(ctids=sql.Literal(list(ctids))), row, watch)

    def lacking(self, relation: Relation, most: int) -> list[str]:
        """Where rows are that lack the value, at most so many; none: proved."""
        query = _LACKING.format(table=relation.identifier, where=self._where, most=sql.Literal(most))
        return [row[0] for row in self._work.execute(query)]

    def left(self, relation: Relation) -> int:
        """How many rows lack the value."""
        row = self._work.execute(_COUNT.format(table=relation.identifier, where=self._where)).fetchone()
        return int(row[0]) if row else 0

    def _send(self, relation: Relation, rows: sql.Composable, row: sql.Composable, watch: Watch | None) -> Sent:
        update = _UPDATE.format(table=relation.identifier, values=self._values, rows=rows, where=self._where)
        began = time.monotonic()
        answer = send(
            self._work, encoded([script.BEGIN, update, _JOURNAL_BY_INDEX, row, script.COMMIT], self._work), watch
        )
        seconds = time.monotonic() - began
        if answer.failure is None:
            return Sent(rows=answer.rows[1], seconds=seconds)
        roll_back(self._work)
        return Sent(rows=0, seconds=seconds, conflict=answer.failure)


@contextlib.contextmanager
def settings(step: Step, execution: Execution) -> Iterator[None]:
    """While inside, the worker reads ranges of pages, and waits for a locked row half as long as for a lock.

    The other half of what an application may wait is the batch itself. Only the step's last transaction waits for the disk:
    a crashed server loses rows and checkpoint together.
    """
    work, policy = execution.session.work, execution.policy
    for setting in step.session:
        work.execute(sql.SQL(setting))
    work.execute(
        _SETTINGS.format(
            lock=sql.Literal(milliseconds(policy.lock_timeout / 2)),
            statement=sql.Literal(milliseconds(policy.statement_timeout)),
        )
    )
    try:
        yield
    finally:
        if not work.closed and work.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            work.execute(_RESET)


def _as_written(expression: str) -> sql.SQL:
    return sql.SQL(expression)
