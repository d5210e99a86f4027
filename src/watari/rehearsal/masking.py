"""Masks as SQL: what a column's values become before anybody can read the clone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import LiteralString

import psycopg
from psycopg import sql

from watari.errors.rehearsals import MaskUnfit
from watari.locale import Text
from watari.rehearsal.content import Mask, MaskKind
from watari.rehearsal.queries import load

#: By (schema, table) and column: what stands in the column's place.
Expressions = Mapping[tuple[str, str], Mapping[str, sql.Composable]]

_MISSING = Text(en="there is no such column", ja="そのようなカラムはありません")
_REFERS = Text(en="foreign keys find their rows by it", ja="外部キーの照合に使われています")
_REQUIRED = Text(en="it is NOT NULL", ja="NOT NULL です")
_UNIQUE = Text(
    en="its values are unique; hash and email keep them so", ja="一意な値です。hash か email を使用してください"
)

_DIGEST: LiteralString = "pg_catalog.md5({column}::text)"
_TEMPLATES: dict[MaskKind, LiteralString] = {
    MaskKind.NULL: "null::{type}",
    MaskKind.TEXT: "case when {column} is null then null else {value} end::{type}",
    MaskKind.HASH: f"{_DIGEST}::{{type}}",
    MaskKind.EMAIL: f"({_DIGEST} || '@example.com')::{{type}}",
    MaskKind.DIGITS: "pg_catalog.regexp_replace(pg_catalog.regexp_replace({column}::text, '[[:alpha:]]', 'x', 'g'), '[0-9]', '9', 'g')::{type}",
    MaskKind.YEAR: "pg_catalog.date_trunc('year', {column}::timestamp)::{type}",
}
_UNIQUE_STAYS = (MaskKind.HASH, MaskKind.EMAIL)


def expressions(masks: Sequence[Mask], connection: psycopg.Connection) -> Expressions:
    """The masks of this database by its tables; of a partitioned table by each of its partitions. Raises `MaskUnfit`."""
    found: dict[tuple[str, str], dict[str, sql.Composable]] = {}
    for mask in masks:
        values = {"schema": mask.schema, "table": mask.table, "column": mask.column}
        row = connection.execute(load("masked_columns"), values).fetchone()
        _require_fit(mask, row)
        assert row is not None
        for schema, table in row[0]:
            found.setdefault((schema, table), {})[mask.column] = _expression(mask, row[1])
    return found


def _require_fit(mask: Mask, row: Sequence[object] | None) -> None:
    place = f"{mask.table}.{mask.column}"
    if row is None:
        raise MaskUnfit(column=place, reason=_MISSING())
    _, _, required, refers, unique = row
    if refers:
        raise MaskUnfit(column=place, reason=_REFERS())
    if required and mask.kind is MaskKind.NULL:
        raise MaskUnfit(column=place, reason=_REQUIRED())
    if unique and mask.kind not in _UNIQUE_STAYS:
        raise MaskUnfit(column=place, reason=_UNIQUE())


def _expression(mask: Mask, type: str) -> sql.Composable:
    return sql.SQL(_TEMPLATES[mask.kind]).format(
        column=sql.Identifier(mask.column), type=sql.SQL(type), value=sql.Literal(mask.value)
    )


def mask_in_place(masks: Expressions, connection: psycopg.Connection) -> None:
    """Masks the rows of a copy, its own triggers kept quiet; raises `psycopg.Error`."""
    with connection.transaction():
        for (schema, table), columns in masks.items():
            name = sql.Identifier(schema, table)
            values = sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(column), value) for column, value in columns.items()
            )
            connection.execute(sql.SQL("alter table {} disable trigger user").format(name))
            connection.execute(sql.SQL("update only {} set {}").format(name, values))
            connection.execute(sql.SQL("alter table {} enable trigger user").format(name))
