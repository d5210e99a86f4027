"""One batch of a backfill: the rows and the checkpoint, in one transaction and one message."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence

import psycopg
from psycopg import sql

from watari.execution import script
from watari.execution.backfill.aside import change_along
from watari.execution.backfill.parts import WHOLE, Part
from watari.execution.backfill.relations import Relation
from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.session import milliseconds
from watari.execution.wire import Watch, encoded, roll_back, send
from watari.planning.plan import Backfill, Step
from watari.values import dataclass

_UPDATE = sql.SQL("update only {table} set {values} where {rows} and ({where})")
_AFTER, _UP_TO = sql.SQL("({key}) > ({values})"), sql.SQL("({key}) <= ({values})")
_LAST_OF = sql.SQL(
    "select json_build_array({texts}) from (select {key} from {table} where {after} order by {key} limit {most}) batch "
    "order by {downwards} limit 1"
)
_PAGES = sql.SQL("ctid >= '({first},0)'::tid and ctid < '({end},0)'::tid")
# there from PostgreSQL 14 on
_PART_OF_PAGES = sql.SQL("pg_catalog.hashtid(ctid) & {mask} = {number}")
# as CASE, since of "= number" the server would expect so few rows that it asks for each of them by itself who has come in since
_PART_OF_KEYS = sql.SQL("case {hash}({column}) & {mask} when {number} then true else false end")
# counted since the session handed over its counters last, which it does between transactions only
_IN_PLACE = sql.SQL(
    "select coalesce(sum(pg_catalog.pg_stat_get_xact_tuples_hot_updated(oid)), 0)::bigint from unnest({oids}::oid[]) as o (oid)"
)
_ROWS = sql.SQL("ctid = any({ctids}::tid[])")
_LACKING = sql.SQL("select ctid::text from only {table} where ({where}) limit {most}")
_COUNT = sql.SQL("select count(*) from only {table} where ({where})")
# a range of pages must be read as one: an index on the column would be read through for each batch, since the server believes
# that few rows lack a value; and a plan of milliseconds is not worth compiling
_SETTINGS = sql.SQL(
    "set lock_timeout = {lock}; set statement_timeout = {statement}; set jit = off; set synchronous_commit = off"
)
_BY_PAGES = "set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off"
# a batch along a key is found by its index, whatever the statistics say of the table
_BY_KEY = "set enable_seqscan = off"
_JOURNAL_BY_INDEX = sql.SQL("set local enable_indexscan = on")
_RESET = (
    "reset lock_timeout; reset statement_timeout; reset enable_indexscan; reset enable_indexonlyscan; "
    "reset enable_bitmapscan; reset enable_seqscan; reset jit; reset synchronous_commit"
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What one batch came to; with `conflict`, somebody was in the way and nothing of it is left."""

    rows: int
    seconds: float
    conflict: psycopg.Error | None = None
    in_place: int = 0  # of a part: rows that stayed in their page, and were written into no index
    next: tuple[str, ...] = ()  # along a key: where the batch behind this one ends; empty where there is none


class Sender:
    """Sends batches of one backfill."""

    def __init__(self, backfill: Backfill, execution: Execution, relations: Sequence[Relation]) -> None:
        self._work = execution.session.work
        self._in_place = _IN_PLACE.format(oids=sql.Literal([relation.oid for relation in relations]))
        self._values = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), _as_written(expression))
            for column, expression in backfill.assignments
        )
        self._where = _as_written(backfill.where)
        self._table = _as_written(backfill.table)
        self._key = [sql.Identifier(column) for column in backfill.key]
        self._backfill = backfill
        self._hash = self._hash_of(backfill.table, backfill.key[-1]) if backfill.key else None

    def _hash_of(self, table: str, column: str) -> sql.SQL | None:
        row = self._work.execute(load("key_hash"), {"table": table, "column": column}).fetchone()
        return _as_written(row[0]) if row else None

    def pages(
        self, relation: Relation, first: int, end: int, part: Part, row: sql.Composable, watch: Watch | None
    ) -> Sent:
        """Brings the rows of the pages from `first` up to, not including, `end` to their value; `row` is the journal's.

        The last part takes every row that is left.
        """
        rows: sql.Composable = _PAGES.format(first=sql.Literal(first), end=sql.Literal(end))
        if not part.last:
            rows = sql.SQL("{} and {}").format(rows, _PART_OF_PAGES.format(**_mask(part)))
        return self._update(relation, rows, row, watch, part)

    def rows(self, relation: Relation, ctids: Sequence[str], row: sql.Composable, watch: Watch | None) -> Sent:
        """The same for single rows."""
        return self._update(relation, _ROWS.format(ctids=sql.Literal(list(ctids))), row, watch)

    def last_of(self, after: Sequence[str], most: int) -> tuple[str, ...]:
        """The key of the last of the next rows behind `after`, so many of them at most; empty where there is none."""
        row = self._work.execute(self._last_of(after, most)).fetchone()
        return tuple(row[0]) if row else ()

    def _last_of(self, after: Sequence[str], most: int) -> sql.Composed:
        return _LAST_OF.format(
            texts=sql.SQL(", ").join(sql.SQL("{}::text").format(column) for column in self._key),
            key=sql.SQL(", ").join(self._key),
            table=self._table,
            after=self._compared(_AFTER, after),
            most=sql.Literal(most),
            downwards=sql.SQL(", ").join(sql.SQL("{} desc").format(column) for column in self._key),
        )

    def along(
        self, after: Sequence[str], end: Sequence[str], part: Part, most: int, row: sql.Composable, watch: Watch | None
    ) -> Sent:
        """Does the rows behind the key `after`, up to the key `end`.

        With the last part it asks, in the same message, for the next `most` rows.
        """
        rows = sql.SQL("{} and {}").format(self._compared(_AFTER, after), self._compared(_UP_TO, end))
        if part.of > 1 and self._hash:
            chosen = _PART_OF_KEYS.format(hash=self._hash, column=self._key[-1], **_mask(part))
            rows = sql.SQL("{} and {}").format(rows, chosen)
        version = self._work.info.server_version
        change = change_along(self._backfill, version, values=self._values, rows=rows, where=self._where)
        return self._send(change, row, watch, part, *([self._last_of(end, most)] if part.last else []))

    def key_has_parts(self) -> bool:
        """Whether rows can be told apart by a hash of their key's last column: not where its type has none of its own."""
        return self._hash is not None

    def _compared(self, template: sql.SQL, key: Sequence[str]) -> sql.Composable:
        if not key:
            return sql.SQL("true")
        values = sql.SQL(", ").join(sql.Literal(value) for value in key)
        return template.format(key=sql.SQL(", ").join(self._key), values=values)

    def lacking(self, relation: Relation, most: int) -> list[str]:
        """Where rows are that lack the value, at most so many; none: proved."""
        query = _LACKING.format(table=relation.identifier, where=self._where, most=sql.Literal(most))
        return [row[0] for row in self._work.execute(query)]

    def left(self, relation: Relation) -> int:
        """How many rows lack the value."""
        row = self._work.execute(_COUNT.format(table=relation.identifier, where=self._where)).fetchone()
        return int(row[0]) if row else 0

    def _update(
        self, relation: Relation, rows: sql.Composable, row: sql.Composable, watch: Watch | None, part: Part = WHOLE
    ) -> Sent:
        update = _UPDATE.format(table=relation.identifier, values=self._values, rows=rows, where=self._where)
        return self._send(update, row, watch, part)

    def _send(
        self, change: sql.Composable, row: sql.Composable, watch: Watch | None, part: Part, *behind: sql.Composable
    ) -> Sent:
        """`behind`: a question that is asked once the batch is committed."""
        began = time.monotonic()
        counted = [self._in_place] if part.of > 1 else []
        parts = [script.BEGIN, *counted, change, *counted, _JOURNAL_BY_INDEX, row, script.COMMIT, *behind]
        answer = send(self._work, encoded(parts, self._work), watch)
        seconds = time.monotonic() - began
        if answer.failure is None:
            told = answer.values[-1] if behind else None
            return Sent(
                rows=answer.rows[1 + len(counted)],
                seconds=seconds,
                in_place=int(answer.values[3] or 0) - int(answer.values[1] or 0) if counted else 0,
                next=tuple(json.loads(told.decode(self._work.info.encoding))) if told else (),
            )
        roll_back(self._work)
        return Sent(rows=0, seconds=seconds, conflict=answer.failure)


@contextlib.contextmanager
def settings(step: Step, backfill: Backfill, execution: Execution) -> Iterator[None]:
    """While inside, the worker reads ranges of pages or of the key, and waits for a locked row half as long as for a lock.

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
    work.execute(_BY_KEY if backfill.key else _BY_PAGES)
    try:
        yield
    finally:
        if not work.closed and work.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            work.execute(_RESET)


def _mask(part: Part) -> dict[str, sql.Literal]:
    """`of` is a power of two, and a hash may be negative."""
    return {"mask": sql.Literal(part.of - 1), "number": sql.Literal(part.number)}


def _as_written(expression: str) -> sql.SQL:
    return sql.SQL(expression)
