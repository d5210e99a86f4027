"""A database from one server to another: its schema by pg_dump, its rows by COPY, its planner statistics as they are.

A carriage departs before the place that it goes to is ready: the source's moment is held, and its schema is read while the
target's server starts. Measured on two cores: see bench/clones.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from watari.postgres.client_tools import ClientTool
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.content import Content
from watari.rehearsal.copying import Lanes, copy_rows, reading_settings
from watari.rehearsal.masking import expressions
from watari.rehearsal.promised import Promised
from watari.rehearsal.queries import load
from watari.rehearsal.sampling import complete
from watari.rehearsal.scratch import scratch_folder
from watari.rehearsal.transfer import dump_to, restore_from, transfer
from watari.values import dataclass

_MOST_LANES = 8


@dataclass(frozen=True, kw_only=True)
class Cargo:
    """What is carried from where, and with which tools."""

    source: DatabaseUrl
    dump: ClientTool
    restore: ClientTool
    content: Content
    promises: Sequence[Promised] = ()  # foreign keys to come, for a sample
    owners: bool = True  # False: everything belongs to the user at the target, and nobody is granted anything


@dataclass(frozen=True, kw_only=True)
class Carriage:
    """A cargo under way: a session that holds the source's moment, its snapshot, and the schema, as it is being read.

    Without a schema only pg_dump itself can carry what is there.
    """

    cargo: Cargo
    reading: psycopg.Connection
    snapshot: str
    schema: Future[Path] | None


@contextmanager
def depart(cargo: Cargo) -> Iterator[Carriage]:
    """Holds the source's moment, with ACCESS SHARE on its tables, until the context ends. Raises a `ReachError`."""
    with (
        connect(cargo.source, purpose="rehearsal", settings=reading_settings()) as reading,
        ExitStack() as removal,
        ThreadPoolExecutor(1) as beside,
        _snapshot(reading) as snapshot,
    ):
        schema = None
        if not (cargo.content.plain and _needs_the_tool(reading)):
            schema = beside.submit(_read_schema, cargo, snapshot, scratch_folder(removal) / "schema.dump")
        yield Carriage(cargo=cargo, reading=reading, snapshot=snapshot, schema=schema)


def arrive(carriage: Carriage, target: DatabaseUrl) -> None:
    """Everything into the empty database at `target`. Raises `TransferFailed`, `MaskUnfit`, a `ReachError`."""
    cargo = carriage.cargo
    if carriage.schema is None:
        transfer(cargo.source, target, dump=cargo.dump, restore=cargo.restore)
        return
    schema = carriage.schema.result()
    restore_from(schema, target, restore=cargo.restore, section="pre-data", jobs=1)
    if cargo.content.percent > 0:
        _carry_rows(carriage, target)
    restore_from(schema, target, restore=cargo.restore, section="post-data", jobs=_lanes())


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


def _read_schema(cargo: Cargo, snapshot: str, file: Path) -> Path:
    owners = () if cargo.owners else ("--no-owner", "--no-acl")
    sections = ("--section=pre-data", "--section=post-data")
    dump_to(file, cargo.source, dump=cargo.dump, more=(f"--snapshot={snapshot}", *owners, *sections))
    return file


def _carry_rows(carriage: Carriage, target: DatabaseUrl) -> None:
    cargo, reading = carriage.cargo, carriage.reading
    masks = expressions(cargo.content.masks, reading)
    lanes = Lanes(
        source=cargo.source,
        target=target,
        snapshot=carriage.snapshot,
        percent=cargo.content.percent,
        masks=masks,
        count=_lanes(),
    )
    copy_rows(lanes, reading)
    with connect(target, purpose="rehearsal") as writing:
        if not cargo.content.whole:
            complete(reading, writing, masks, cargo.promises)
        for schema, name, value in reading.execute(load("sequence_positions")).fetchall():
            writing.execute(load("set_position"), [sql.Identifier(schema, name).as_string(writing), value])


def _lanes() -> int:
    """Sessions side by side: one a processor, and at least two, since one of each pair waits for the other."""
    return min(max(os.cpu_count() or 2, 2), _MOST_LANES)
