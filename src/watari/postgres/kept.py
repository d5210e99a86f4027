"""What runs have kept in this database of what they dropped, replaced or renamed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from watari.catalog import Kept, KeptKind, KeptThing, Name
from watari.postgres.queries import load

__all__ = ["kept_of", "read_kept"]


def kept_of(row: Sequence[Any]) -> Kept:
    """One thing that a run kept, from a row of the query `kept`."""
    number, run, migration, kind, object, schema, relation, column, parts, kept_at = row
    return Kept(
        kind=KeptKind(kind),
        object=object,
        migration=migration,
        relation=str(Name(schema, relation)),
        column=column,
        parts=tuple((part, name) for part, name in parts or ()),
        run=run,
        number=number,
        kept_at=kept_at,
    )


def read_kept(connection: psycopg.Connection) -> tuple[KeptThing, ...]:
    """What is kept in the connection's database, oldest first, with estimates of its size; empty without a list of it."""
    row = connection.execute(load("kept_there")).fetchone()
    if not row or not row[0]:
        return ()
    sizes = {number: (rows, size) for number, rows, size in connection.execute(load("kept_sizes")).fetchall()}
    found = map(kept_of, connection.execute(load("kept")).fetchall())
    return tuple(KeptThing(kept, *sizes.get(kept.number, (0, 0))) for kept in found)
