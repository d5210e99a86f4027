"""The rows of a database as digests, the same whatever order rows and columns stand in; and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from watari.catalog import Catalog, Table, TableKind
from watari.locale import Message, Text
from watari.planning.plan import Loss
from watari.values import dataclass, field

_ROWS = Text(en="{table} had {before} rows and has {after}", ja="{table} の行数が {before} から {after} に変化")
_VALUES = Text(
    en="{table}.{column} held {before} values and holds {after}",
    ja="{table}.{column} の値の数が {before} から {after} に変化",
)
_OTHER = Text(en="{table}.{column} holds other values", ja="{table}.{column} の値が以前と異なります")
_MIXED = Text(
    en="the values of {table} stand in other rows than before", ja="{table} の値の組み合わせが以前と異なります"
)
_BEHIND = Text(
    en="sequence {sequence} stands at {after}, before it stood at {before}: numbers would be given twice",
    ja="シーケンス {sequence} が {before} から {after} に戻っており、番号が重複します",
)
_AHEAD = Text(
    en="sequence {sequence} stands at {after}, before it stood at {before}: the numbers between are not used again",
    ja="シーケンス {sequence} が {before} から {after} に進んでいます（間の番号は欠番になります）",
)
#: Above, in bytes, only rows are counted: a digest of everything would take longer than the plan.
_LARGEST = 20 << 30


@dataclass(frozen=True, kw_only=True)
class Rows:
    """A table's rows: how many, their digest, and by column how many values and their digest; without digests, None."""

    count: int
    digest: int | None = None
    columns: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two moments side by side: what must not differ and does, and what was given up on purpose, a line each."""

    differences: tuple[Message, ...] = ()
    losses: tuple[Message, ...] = ()


def digests(connection: psycopg.Connection, catalog: Catalog) -> dict[str, Rows]:
    """The rows of every table, by `str(Name)`; reads all of them. Raises `psycopg.Error`."""
    tables = [table for table in catalog.tables.values() if table.kind is TableKind.TABLE]
    whole = sum(table.bytes for table in tables) <= _LARGEST
    # values are compared as text, so every session must write them alike
    connection.execute(
        "set datestyle = iso; set intervalstyle = postgres; set extra_float_digits = 1; set timezone = utc"
    )
    return {str(table.name): _rows(connection, table, whole) for table in tables}


def _rows(connection: psycopg.Connection, table: Table, whole: bool) -> Rows:
    columns = sorted(column.name for column in table.columns) if whole else []
    names = [sql.Identifier(column) for column in columns]
    hashed = [sql.SQL("count({0}), coalesce(sum(hashtextextended({0}::text, 0)), 0)").format(name) for name in names]
    together = sql.SQL("coalesce(sum(hashtextextended(row({})::text, 0)), 0)").format(sql.SQL(", ").join(names))
    query = sql.SQL("select {} from only {}").format(
        sql.SQL(", ").join([sql.SQL("count(*)"), together, *hashed]), sql.Identifier(table.name.schema, table.name.name)
    )
    row = connection.execute(query).fetchone()
    assert row is not None
    count, digest, *values = row
    pairs = zip(values[::2], values[1::2], strict=True)
    found = {name: (held, int(value)) for name, (held, value) in zip(columns, pairs, strict=True)}
    return Rows(count=count, digest=int(digest) if whole else None, columns=found)


def compare_rows(before: Mapping[str, Rows], after: Mapping[str, Rows], lost: Sequence[Loss]) -> Comparison:
    """What became of the rows of tables that are in both; what `lost` names is a loss and no difference."""
    tables = {loss.object for loss in lost if loss.kind in ("table", "rows")}
    columns = {loss.object for loss in lost if loss.kind in ("column", "values")}
    differences: list[Message] = []
    losses: list[Message] = []
    for table in sorted(before.keys() & after.keys()):
        for column, message in _apart(table, before[table], after[table]):
            known = table in tables or f"{table}.{column}" in columns
            (losses if known else differences).append(message)
    return Comparison(differences=tuple(differences), losses=tuple(losses))


def _apart(table: str, before: Rows, after: Rows) -> Iterator[tuple[str, Message]]:
    """The differences of one table, each with the column that it is about (empty: the rows)."""
    if before.count != after.count:
        yield "", _ROWS(table=table, before=before.count, after=after.count)
        return
    found = False
    for column in sorted(before.columns.keys() & after.columns.keys()):
        (held, old), (holds, new) = before.columns[column], after.columns[column]
        if held != holds:
            found = True
            yield column, _VALUES(table=table, column=column, before=held, after=holds)
        elif old != new:
            found = True
            yield column, _OTHER(table=table, column=column)
    same_columns = before.columns.keys() == after.columns.keys()
    if not found and same_columns and before.digest != after.digest:
        yield "", _MIXED(table=table)


def positions_apart(before: Mapping[str, int], after: Mapping[str, int]) -> Comparison:
    """Sequences that stand elsewhere: behind is a difference, ahead only leaves a gap (increasing ones)."""
    apart = [(name, before[name], after[name]) for name in sorted(before.keys() & after.keys())]
    behind = tuple(_BEHIND(sequence=name, before=old, after=new) for name, old, new in apart if new < old)
    ahead = tuple(_AHEAD(sequence=name, before=old, after=new) for name, old, new in apart if new > old)
    return Comparison(differences=behind, losses=ahead)
