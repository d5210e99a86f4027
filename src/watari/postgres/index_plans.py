"""Would the planner use an index? Asked with EXPLAIN, which plans and does not run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import psycopg
from psycopg import sql

from watari.catalog import Catalog, Index
from watari.evidence.observation import IndexPlan
from watari.postgres.asking import Asking
from watari.postgres.queries import load

#: Access methods that find rows by equality.
_BY_EQUALITY = ("btree", "hash")
_MOST = 40


def index_plans(
    connection: psycopg.Connection, catalog: Catalog, *, wanted: Collection[str] = (), seconds: float = 30.0
) -> dict[str, IndexPlan]:
    """What the planner does with a search for one value of an index's first column, by the index's qualified name.

    Asked for the indexes in `wanted` (`str(Name)`), and for those that nobody has used yet, forty at most. Left out are indexes
    on expressions and of kinds that do not search for equal values.
    """
    asked = [index for index in catalog.indexes.values() if _askable(index) and _interesting(index, wanted)]
    asked.sort(key=lambda index: (str(index.name) not in wanted, str(index.name)))
    with Asking(connection, seconds) as asking:
        plans = {}
        for index in asked[: max(_MOST, len(wanted))]:
            if asking.unreadable([index.table]) is None and (plan := _plan(asking, index)):
                plans[str(index.name)] = plan
        return plans


def _askable(index: Index) -> bool:
    return index.method in _BY_EQUALITY and index.valid and bool(index.columns) and index.columns[0] is not None


def _interesting(index: Index, wanted: Collection[str]) -> bool:
    return str(index.name) in wanted or (index.scans == 0 and index.constraint is None and not index.parent)


def _plan(asking: Asking, index: Index) -> IndexPlan | None:
    query = _search(index)
    explain = sql.SQL("explain (format json) {query}").format(query=query)
    usual, why = asking.rows(explain)
    if why is not None:
        return None
    asking.rows(load("forbid_sequential_scans"))
    forced, why = asking.rows(explain)
    asking.rows(load("allow_sequential_scans"))
    if why is not None:
        return None
    return IndexPlan(
        query=query.as_string(None),
        chosen=index.name.name in _used(usual),
        usable=bool(_used(forced)),
    )


def _search(index: Index) -> sql.Composed:
    # the value comes from the table itself, so that no row's content gets into a report
    column = sql.Identifier(index.columns[0] or "")
    table = sql.Identifier(index.table.schema, index.table.name)
    also = sql.SQL(" and {predicate}").format(predicate=sql.SQL(index.predicate)) if index.predicate else sql.SQL("")
    template = (
        "select * from {table} where {column} = (select {column} from {table} where {column} is not null limit 1){also}"
    )
    return sql.SQL(template).format(table=table, column=column, also=also)


def _used(rows: list[Any]) -> set[str]:
    """The indexes that a plan reads through, apart from what only finds the value."""
    return {name for row in rows for plan in row[0] for name in _names(plan["Plan"])}


def _names(node: dict[str, Any]) -> Iterator[str]:
    if "Index Name" in node:
        yield node["Index Name"]
    for below in node.get("Plans", ()):
        if below.get("Parent Relationship") != "InitPlan":
            yield from _names(below)
