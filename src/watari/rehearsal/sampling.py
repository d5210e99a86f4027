"""A sample made whole: the rows that the sampled ones refer to are fetched after them, until none is missing.

The copy finds what is missing, and the source is only asked for those keys: nothing is written there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from watari.rehearsal.masking import Expressions
from watari.rehearsal.promised import Promised
from watari.rehearsal.queries import load
from watari.values import dataclass

# so many keys in one question keep its text below some megabytes
_KEYS = 20_000


@dataclass(frozen=True, kw_only=True)
class _Reference:
    """One foreign key: the columns of `child` refer to the `keys` of `parent`; `written` are the parent's own columns."""

    child: tuple[str, str]
    parent: tuple[str, str]
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    types: tuple[str, ...]
    written: tuple[str, ...]


def complete(
    reading: psycopg.Connection, writing: psycopg.Connection, masks: Expressions, promises: Sequence[Promised] = ()
) -> None:
    """Brings over every row that a row of the copy refers to, or will by a foreign key to come.

    The copy has no foreign keys yet. Raises `psycopg.Error`.
    """
    references = [
        _Reference(
            child=(cs, c),
            parent=(ps, p),
            columns=tuple(columns),
            keys=tuple(keys),
            types=tuple(types),
            written=tuple(written),
        )
        for cs, c, ps, p, columns, keys, types, written in reading.execute(load("references"))
    ]
    references += [found for promise in promises for found in _to_come(promise, reading)]
    # a parent that was brought over may refer to a row that is missing in its turn
    while references:
        references = _still_asked(references, reading, writing, masks)


def _to_come(promise: Promised, reading: psycopg.Connection) -> Iterator[_Reference]:
    values = {
        "child": promise.child,
        "parent": promise.parent,
        "keys": list(promise.keys),
        "columns": list(promise.columns),
    }
    for cs, c, ps, p, keys, types, written in reading.execute(load("promised_reference"), values):
        if keys and types and len(keys) == len(types) == len(promise.columns):
            yield _Reference(
                child=(cs, c),
                parent=(ps, p),
                columns=promise.columns,
                keys=tuple(keys),
                types=tuple(types),
                written=tuple(written),
            )


def _still_asked(
    references: Sequence[_Reference], reading: psycopg.Connection, writing: psycopg.Connection, masks: Expressions
) -> list[_Reference]:
    """All of them again where something was fetched, none where every row was there."""
    fetched = [_fetch(reference, reading, writing, masks) for reference in references]
    return list(references) if any(fetched) else []


def _fetch(reference: _Reference, reading: psycopg.Connection, writing: psycopg.Connection, masks: Expressions) -> bool:
    """Whether rows were missing; they are there now."""
    missing = writing.execute(_missing(reference), [_KEYS]).fetchall()
    if not missing:
        return False
    own: Mapping[str, sql.Composable] = masks.get(reference.parent, {})
    columns = sql.SQL(", ").join(map(sql.Identifier, reference.written))
    values = sql.SQL(", ").join(own.get(column, sql.Identifier(column)) for column in reference.written)
    found = sql.SQL("copy (select {} from {} where ({}) in ({})) to stdout").format(
        values, sql.Identifier(*reference.parent), _list(reference.keys), _asked(reference, missing)
    )
    into = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(*reference.parent), columns)
    with writing.transaction(), reading.cursor() as reader, writing.cursor() as writer:
        with reader.copy(found) as rows, writer.copy(into) as target:
            for block in rows:
                target.write(block)
        return writer.rowcount > 0


def _list(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _missing(reference: _Reference) -> sql.Composed:
    pairs = list(zip(reference.columns, reference.keys, strict=True))
    same = sql.SQL(" and ").join(
        sql.SQL("p.{} = c.{}").format(sql.Identifier(key), sql.Identifier(column)) for column, key in pairs
    )
    given = sql.SQL(" and ").join(sql.SQL("c.{} is not null").format(sql.Identifier(column)) for column, _ in pairs)
    texts = sql.SQL(", ").join(sql.SQL("c.{}::text").format(sql.Identifier(column)) for column, _ in pairs)
    return sql.SQL("select distinct {} from {} c where {} and not exists (select from {} p where {}) limit %s").format(
        texts, sql.Identifier(*reference.child), given, sql.Identifier(*reference.parent), same
    )


def _asked(reference: _Reference, missing: Sequence[tuple[str, ...]]) -> sql.Composable:
    """The missing keys as rows of the parent's own types, so that its index finds them."""
    columns = [list(column) for column in zip(*missing, strict=True)]
    names = [sql.Identifier(f"k{place}") for place in range(len(columns))]
    typed = sql.SQL(", ").join(
        sql.SQL("u.{}::{}").format(name, sql.SQL(type)) for name, type in zip(names, reference.types, strict=True)
    )
    arrays = sql.SQL(", ").join(sql.SQL("{}::text[]").format(sql.Literal(column)) for column in columns)
    return sql.SQL("select {} from unnest({}) as u ({})").format(typed, arrays, sql.SQL(", ").join(names))
