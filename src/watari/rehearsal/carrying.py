"""A database from one server to another, its rows in parallel and never on this machine's disk.

pg_dump makes the schema before the rows and what comes after them; the rows flow table by table from COPY to COPY under one
snapshot, each into a table that was emptied in the same transaction, which a server with `wal_level` minimal does not log.
Measured on 2 GB and two cores: see bench/clones.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from watari.errors import WatariError
from watari.postgres.client_tools import ClientTool, tool
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.content import Content
from watari.rehearsal.masking import Expressions, expressions
from watari.rehearsal.promised import Promised
from watari.rehearsal.queries import load
from watari.rehearsal.sampling import complete
from watari.rehearsal.transfer import TransferFailed, dump_to, piped, restore_from, transfer
from watari.values import dataclass

_SEED = 4711
_LARGE = 16 << 20  # bytes; below, two processes cost more than they save


@dataclass(frozen=True, kw_only=True)
class Carriage:
    """From where to where, with which tools, and what comes along."""

    source: DatabaseUrl
    target: DatabaseUrl
    dump: ClientTool
    restore: ClientTool
    content: Content
    promises: Sequence[Promised] = ()  # foreign keys to come, for a sample
    jobs: int = 2
    owners: bool = True  # False: everything belongs to the user at the target, and nobody is granted anything


@dataclass(frozen=True, kw_only=True)
class _Table:
    schema: str
    name: str
    columns: tuple[str, ...]
    bytes: int

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True, kw_only=True)
class _Lane:
    """One of the sessions side by side, at both ends, and psql for what is large."""

    carriage: Carriage
    snapshot: str
    reading: psycopg.Connection
    writing: psycopg.Connection
    psql: ClientTool | None


def carry(carriage: Carriage) -> None:
    """Everything of the source into the empty database at the target.

    Holds ACCESS SHARE on the source's tables for as long as the reading takes. Raises `TransferFailed`, `MaskUnfit`, a
    `ReachError`.
    """
    with connect(carriage.source, purpose="rehearsal", settings=_reading()) as reading:
        if carriage.content.plain and _needs_the_tool(reading):
            transfer(carriage.source, carriage.target, dump=carriage.dump, restore=carriage.restore)
            return
        with _snapshot(reading) as snapshot:
            _carry(carriage, reading, snapshot)


def _needs_the_tool(reading: psycopg.Connection) -> bool:
    row = reading.execute(load("not_carried")).fetchone()
    return row is None or any(row)


@contextmanager
def _snapshot(reading: psycopg.Connection) -> Iterator[str]:
    with reading.transaction():
        reading.execute("set transaction isolation level repeatable read, read only")
        row = reading.execute(load("export_snapshot")).fetchone()
        assert row is not None
        yield row[0]


def _carry(carriage: Carriage, reading: psycopg.Connection, snapshot: str) -> None:
    common = [f"--snapshot={snapshot}", *([] if carriage.owners else ["--no-owner", "--no-acl"])]
    transfer(
        carriage.source,
        carriage.target,
        dump=carriage.dump,
        restore=carriage.restore,
        more=(*common, "--section=pre-data"),
    )
    if carriage.content.percent > 0:
        _carry_rows(carriage, reading, snapshot)
    with tempfile.TemporaryDirectory(prefix="watari-clone-") as folder:
        file = Path(folder) / "after.dump"
        dump_to(file, carriage.source, dump=carriage.dump, more=(*common, "--section=post-data"))
        restore_from(file, carriage.target, restore=carriage.restore, jobs=carriage.jobs)


def _carry_rows(carriage: Carriage, reading: psycopg.Connection, snapshot: str) -> None:
    masks = expressions(carriage.content.masks, reading)
    rows = reading.execute(load("tables_to_carry")).fetchall()
    tables = [_Table(schema=s, name=n, columns=tuple(columns or ()), bytes=size) for s, n, size, columns in rows]
    # the largest first, so that the last one to end is a small one
    shares = [tables[place :: carriage.jobs] for place in range(carriage.jobs)]
    with ThreadPoolExecutor(carriage.jobs) as pool:
        for done in [pool.submit(_worker, carriage, snapshot, share, masks) for share in shares if share]:
            done.result()
    with connect(carriage.target, purpose="rehearsal") as writing:
        if not carriage.content.whole:
            complete(reading, writing, masks, carriage.promises)
        for schema, name, value in reading.execute(load("sequence_positions")).fetchall():
            writing.execute(load("set_position"), [sql.Identifier(schema, name).as_string(writing), value])


def _worker(carriage: Carriage, snapshot: str, tables: Sequence[_Table], masks: Expressions) -> None:
    with (
        connect(carriage.source, purpose="rehearsal", settings=_reading()) as reading,
        connect(carriage.target, purpose="rehearsal") as writing,
        reading.transaction(),
    ):
        reading.execute("set transaction isolation level repeatable read, read only")
        reading.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot)))
        lane = _Lane(carriage=carriage, snapshot=snapshot, reading=reading, writing=writing, psql=_psql(reading))
        for table in tables:
            try:
                _copy(table, carriage.content.percent, masks.get((table.schema, table.name), {}), lane)
            except psycopg.Error as refused:
                reason = refused.diag.message_primary or str(refused).partition("\n")[0]
                raise TransferFailed(f"{table.schema}.{table.name}: {reason}") from refused


def _copy(table: _Table, percent: float, masks: Mapping[str, sql.Composable], lane: _Lane) -> None:
    source = sql.SQL("copy {} to stdout").format(_read(table, percent, masks))
    columns = sql.SQL(" ({})").format(sql.SQL(", ").join(map(sql.Identifier, table.columns)))
    target = sql.SQL("copy {}{} from stdin with (freeze)").format(
        table.identifier, columns if table.columns else sql.SQL("")
    )
    empty = sql.SQL("truncate only {}").format(table.identifier)
    if lane.psql and table.bytes > _LARGE:
        _by_psql(lane.psql, lane, source, (empty, target))
        return
    with lane.writing.transaction(), lane.writing.cursor() as writer, lane.reading.cursor() as reader:
        writer.execute(empty)
        with reader.copy(source) as rows, writer.copy(target) as into:
            for block in rows:
                into.write(block)


def _read(table: _Table, percent: float, masks: Mapping[str, sql.Composable]) -> sql.Composable:
    """What is copied of a table: its columns, or a query where rows are left out or masked."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    if percent >= 100 and not masks:
        return sql.SQL("{} ({})").format(table.identifier, columns) if table.columns else table.identifier
    values = sql.SQL(", ").join(masks.get(column, sql.Identifier(column)) for column in table.columns)
    part = sql.SQL(" tablesample bernoulli ({}) repeatable ({})").format(percent, _SEED)
    return sql.SQL("(select {} from only {}{})").format(
        values, table.identifier, part if percent < 100 else sql.SQL("")
    )


def _by_psql(psql: ClientTool, lane: _Lane, source: sql.Composed, target: Sequence[sql.Composed]) -> None:
    """A large table through two processes: a row of COPY is a message, and millions of them are too many for Python."""
    settings = [sql.SQL("set {} = {}").format(sql.SQL(name), sql.Literal(value)) for name, value in _reading().items()]
    begin = sql.SQL("begin transaction isolation level repeatable read, read only")
    snapshot = sql.SQL("set transaction snapshot {}").format(sql.Literal(lane.snapshot))
    piped(
        _words(psql, lane.reading, *settings, begin, snapshot, source),
        lane.carriage.source,
        _words(psql, lane.writing, sql.SQL("begin"), *target, sql.SQL("commit")),
        lane.carriage.target,
    )


def _words(psql: ClientTool, connection: psycopg.Connection, *statements: sql.Composable) -> list[str]:
    options = [word for statement in statements for word in ("-c", statement.as_string(connection))]
    return [str(psql.path), "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", "", *options]


def _psql(connection: psycopg.Connection) -> ClientTool | None:
    """psql, where it is at hand."""
    try:
        return tool("psql", at_least=connection.info.server_version // 10000)
    except WatariError:
        return None


def _reading() -> dict[str, str]:
    """As pg_dump reads: patient for ten seconds, and never behind row security."""
    return {"lock_timeout": "10s", "row_security": "off"}
