"""Relations made from queries: CREATE TABLE AS, views, materialised views and their REFRESH."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Name, Table, TableKind
from watari.risk.causes import Why
from watari.risk.footprint import Footprint
from watari.risk.queries import read
from watari.risk.world import TEMPORARY
from watari.sql.grammar import choice, relation_references, written

_AE = LockMode.ACCESS_EXCLUSIVE


def create_as(statement: Any, footprint: Footprint) -> None:
    """CREATE TABLE AS and CREATE MATERIALIZED VIEW: reads its sources through, unless WITH NO DATA."""
    world = footprint.world
    materialized = choice(statement, "objtype") == "OBJECT_MATVIEW"
    name = world.resolve(written(statement.into.rel))
    present = statement.if_not_exists and world.table(name) is not None
    read(statement.query, footprint, scans=not statement.into.skip_data and not present)
    if not present:
        kind = TableKind.MATERIALIZED_VIEW if materialized else TableKind.TABLE
        sources = _sources(statement.query, footprint) if materialized else ()
        put_result(statement.into.rel, kind, sources, footprint, filled=not statement.into.skip_data)


def put_result(
    range_var: Any, kind: TableKind, sources: tuple[Name, ...], footprint: Footprint, *, filled: bool = True
) -> None:
    """The world gets the relation that a query made."""
    world = footprint.world
    temporary = range_var.relpersistence == "t"
    schema = TEMPORARY if temporary else range_var.schemaname or next(iter(world.search_path), "public")
    name = Name(schema, range_var.relname)
    world.tell("create", name)
    world.tell("put_table", Table(name=name, kind=kind, owner="", reads_from=sources, pages=int(filled)))


def _sources(query: Any, footprint: Footprint) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(footprint.world.resolve(name) for name in relation_references(query)))


def create_view(statement: Any, footprint: Footprint) -> None:
    """CREATE VIEW; OR REPLACE closes the view that is there."""
    world = footprint.world
    name = world.resolve(written(statement.view))
    before = world.table(name)
    read(statement.query, footprint, scans=False, deep=False)
    if before is not None and statement.replace:
        footprint.lock(name, _AE)
        return
    put_result(statement.view, TableKind.VIEW, _sources(statement.query, footprint), footprint)


def refresh(statement: Any, footprint: Footprint) -> None:
    """REFRESH: closed to readers for the whole query; CONCURRENTLY only to writers."""
    view = footprint.relation(statement.relation, kind=TableKind.MATERIALIZED_VIEW)
    if view is None:
        return
    world = footprint.world
    if statement.concurrent:
        footprint.lock(view.name, LockMode.EXCLUSIVE)
        footprint.lock_indexes(view.name, LockMode.ROW_EXCLUSIVE)
        footprint.scan(view.name, Why.REFRESH_CONCURRENTLY)
    else:
        footprint.lock(view.name, _AE)
        footprint.lock_indexes(view.name, _AE)
        if not statement.skip_data:
            footprint.rewrite_whole(view.name, Why.REFRESH, scan=bool(world.indexes_of(view.name)))
    if statement.skip_data:
        return
    waiting = list(view.reads_from)
    while waiting:
        source = waiting.pop()
        footprint.lock(source, LockMode.ACCESS_SHARE)
        table = world.table(source)
        if table is not None and table.kind is TableKind.VIEW:
            waiting += table.reads_from
        else:
            footprint.scan(source, Why.QUERY)


FORESEES = {
    "create_table_as_stmt": create_as,
    "view_stmt": create_view,
    "refresh_mat_view_stmt": refresh,
}
