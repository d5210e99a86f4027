"""Rows whose foreign key finds no row in the table that it refers to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import psycopg
from psycopg import sql

from watari.catalog import Catalog, Constraint, ConstraintKind, Name
from watari.evidence.observation import OrphanCount
from watari.locale import Text
from watari.postgres.asking import Asking
from watari.postgres.queries import load

#: Up to so many rows the table of a validated foreign key is searched without being asked for.
SEARCHED = 1_000_000
#: Orphans are counted up to here; more are no other news.
COUNTED = 10_000

_EXAMPLES = 5

LARGE = Text(
    en="the server has validated it, and the table is too large to be searched without being asked",
    ja="サーバーが検証済みであり、大きいテーブルのため指定なしでは走査しません",
)

_Operators = Mapping[tuple[Name, str], list[str]]


def count_orphans(
    connection: psycopg.Connection, catalog: Catalog, *, exact: Collection[str] = (), seconds: float = 30.0
) -> tuple[OrphanCount, ...]:
    """Orphan rows of every foreign key, counted up to `COUNTED`, with some of their keys; each may take `seconds`.

    One that the server has not validated is always searched; a validated one where its table is not large or named in
    `exact`, since rows can slip in while triggers are off.
    """
    keys = [c for c in catalog.constraints if c.kind is ConstraintKind.FOREIGN_KEY and not c.inherited]
    with Asking(connection, seconds) as asking:
        rows, _ = asking.rows(load("foreign_key_operators"))
        operators = {(Name(schema, table), name): signs for schema, table, name, signs in rows}
        return tuple(_counted(asking, key, catalog, exact, operators) for key in keys)


def _counted(
    asking: Asking, key: Constraint, catalog: Catalog, exact: Collection[str], operators: _Operators
) -> OrphanCount:
    table, parent = str(key.table), key.references
    assert parent is not None
    why = asking.unreadable([key.table, parent])
    if why is None and key.validated and key.enforced and table not in exact and _large(catalog, key.table):
        why = LARGE()
    if why is None:
        signs = operators.get((key.table, key.name)) or ["="] * len(key.columns)
        rows, why = asking.rows(_query(key, parent, signs))
        if why is None:
            count, examples = rows[0]
            return OrphanCount(
                table=table, constraint=key.name, rows=count, limit=COUNTED, examples=tuple(examples or ())
            )
    return OrphanCount(table=table, constraint=key.name, rows=None, why=why)


def _large(catalog: Catalog, name: Name) -> bool:
    table = catalog.tables.get(name)
    return table is not None and (table.rows or table.bytes) > SEARCHED


def _query(key: Constraint, parent: Name, signs: list[str]) -> sql.Composed:
    template = sql.SQL(
        "select pg_catalog.count(*), (pg_catalog.array_agg(distinct o.key))[1:{examples}] from ("
        "select pg_catalog.concat_ws(', ', {shown}) as key from {child} c where {filled} "
        "and not exists (select from {parent} p where {equal}) limit {limit}) o"
    )
    mine = [sql.Identifier("c", column) for column in key.columns]
    theirs = [sql.Identifier("p", column) for column in key.referenced_columns]
    equal = [sql.SQL("{} {} {}").format(p, sql.SQL(sign), c) for p, sign, c in zip(theirs, signs, mine, strict=True)]
    return template.format(
        examples=_EXAMPLES,
        shown=sql.SQL(", ").join(mine),
        child=sql.Identifier(key.table.schema, key.table.name),
        filled=sql.SQL(" and ").join(sql.SQL("{} is not null").format(column) for column in mine),
        parent=sql.Identifier(parent.schema, parent.name),
        equal=sql.SQL(" and ").join(equal),
        limit=COUNTED,
    )
