"""A look from inside the tool's own session: the messages that ask, and what they answer."""

from __future__ import annotations

import json
import struct
from functools import cache

from psycopg import sql

from watari.recorder.messages import message, row_values, text_at
from watari.recorder.queries import load
from watari.values import dataclass

#: Names of the recorder's prepared statements and portals in the tool's session.
LOOK, KEEP = b"_watari", b"_watari_keep"
_OID = 26
#: From this version on the server can be told to keep its statistics at once.
KEEPS = 150_000


@dataclass(frozen=True)
class Locked:
    """One relation of a look; the counts are since the transaction began."""

    oid: int
    modes: int  # bit n: LockMode n
    file: int | None
    scans: int
    blocks: int
    written: int
    there: bool
    kind: str | None = None  # with the names: of relations that were not known before
    schema: str | None = None
    name: str | None = None
    made: bool = False  # by this very transaction


@dataclass(frozen=True)
class Answer:
    """What one look saw; `began` and `ended` by the server's clock, in seconds."""

    began: float
    ended: float
    position: int  # in the write-ahead log, in bytes
    relations: tuple[Locked, ...]


@cache
def text(version: int) -> bytes:
    """The question as it is prepared on a server of this version."""
    return _text(version, sql.SQL("$1"), sql.SQL("$2"))


def inline(version: int, known: int, told: int) -> bytes:
    """The question with its values in it, for where nothing can be counted on to be prepared."""
    return _text(version, sql.Literal(known), sql.Literal(told)).replace(b"\n", b" ")


def _text(version: int, known: sql.Composable, told: sql.Composable) -> bytes:
    keep = sql.SQL(", pg_catalog.pg_stat_force_next_flush()") if version >= KEEPS else sql.SQL("")
    return load("probe").format(known=known, told=told, keep=keep).as_string(None).encode()


def prepare(version: int) -> bytes:
    """Prepares the look anew, whether it is there or not: CloseComplete and ParseComplete answer."""
    types = struct.pack("!HII", 2, _OID, _OID)
    return message(b"C", b"S" + LOOK + b"\0") + message(b"P", LOOK + b"\0" + text(version) + b"\0" + types)


def ask(known: int, told: int) -> bytes:
    """Runs the look: BindComplete, a row, CommandComplete and CloseComplete answer."""
    bind = LOOK + b"\0" + LOOK + b"\0" + struct.pack("!HHHIIIIH", 1, 1, 2, 4, known, 4, told, 0)
    return message(b"B", bind) + _run(LOOK)


def keep() -> bytes:
    """Has the server keep its statistics; two CloseComplete are among the answers."""
    prepared = message(b"C", b"S" + KEEP + b"\0") + message(b"P", KEEP + b"\0" + _keep() + b"\0\0\0")
    return prepared + message(b"B", KEEP + b"\0" + KEEP + b"\0\0\0\0\0\0\0") + _run(KEEP)


@cache
def _keep() -> bytes:
    return load("keep").as_string(None).encode()


def _run(portal: bytes) -> bytes:
    return message(b"E", portal + b"\0\0\0\0\0") + message(b"C", b"P" + portal + b"\0")


def execute(known: int, told: int) -> bytes:
    """The same as a statement of SQL, to stand between the statements of a batch."""
    return LOOK.join((b"EXECUTE ", b"(%d,%d)" % (known, told)))


def answer(row: bytes) -> Answer:
    """What the row of a look says; raises `ValueError` or `struct.error` where it is not one."""
    began, position, relations, ended, *_ = row_values(row)
    if began is None or ended is None or position is None:
        raise ValueError("a look without a time")
    return Answer(
        began=float(began),
        ended=float(ended),
        position=int(position),
        relations=tuple(_locked(entry) for entry in json.loads(relations or b"[]")),
    )


def _locked(entry: list[object]) -> Locked:
    oid, modes, file, scans, blocks, written, there, named, made = entry
    kind, schema, name = (None, None, None)
    if isinstance(named, list):
        kind, schema, name = named[0], named[1], named[2]
    return Locked(
        oid=int(str(oid)),
        modes=int(str(modes)),
        file=int(str(file)) if file is not None else None,
        scans=int(str(scans or 0)),
        blocks=int(str(blocks or 0)),
        written=int(str(written or 0)),
        there=bool(there),
        kind=kind,
        schema=schema,
        name=name,
        made=bool(made),
    )


def is_ours(name_place: bytes) -> bool:
    """Whether a tool's own message names what belongs to the recorder."""
    name, _ = text_at(name_place, 0)
    return name in (LOOK, KEEP)
