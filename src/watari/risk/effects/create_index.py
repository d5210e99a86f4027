"""CREATE INDEX, REINDEX."""

from __future__ import annotations

from typing import Any

from watari.catalog import Index, LockMode, Name, TableKind
from watari.risk.causes import Why
from watari.risk.footprint import Footprint
from watari.sql.automatic_names import index_column_names, index_name
from watari.sql.grammar import choice, option_words, written

_AE = LockMode.ACCESS_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE
_SHARE = LockMode.SHARE


def create_index(statement: Any, footprint: Footprint) -> None:
    """Writers wait while the index is built, in every partition; CONCURRENTLY lets them pass."""
    table = footprint.relation(statement.relation)
    if table is None:
        return
    world, mode = footprint.world, _SUE if statement.concurrent else _SHARE
    footprint.lock(table.name, mode)
    if statement.if_not_exists and statement.idxname and world.index(Name(table.name.schema, statement.idxname)):
        return
    name = _name(statement, table.name, footprint)
    members = world.family(table.name) if statement.relation.inh else (table.name,)
    if table.kind is not TableKind.PARTITIONED:
        members = (table.name,)
    for member in members:
        footprint.lock(member, mode)
        if world.is_leaf(member):
            footprint.scan(member, Why.INDEX, name.name)
    _put(statement, name, table.name, footprint)


def _name(statement: Any, table: Name, footprint: Footprint) -> Name:
    """The index's name, as written or as the server chooses it."""
    names = index_column_names([*statement.index_params, *statement.index_including_params])
    taken = {index.name.name for index in footprint.world.indexes_of(table)}
    return Name(table.schema, statement.idxname or index_name(table.name, names, taken))


def _put(statement: Any, name: Name, table: Name, footprint: Footprint) -> None:
    world = footprint.world
    keys = tuple(node.index_elem.name or None for node in statement.index_params)
    index = Index(
        name=name,
        table=table,
        definition="",
        columns=keys,
        included=tuple(node.index_elem.name for node in statement.index_including_params),
        method=statement.access_method or "btree",
        unique=statement.unique,
        predicate="" if statement.HasField("where_clause") else None,
    )
    world.tell("create", name)
    world.tell("put_index", index)


def reindex(statement: Any, footprint: Footprint) -> None:
    """REINDEX: the index is closed and its table's writers wait; CONCURRENTLY builds beside and swaps in a moment."""
    kind = choice(statement, "kind").removeprefix("REINDEX_OBJECT_")
    aside = option_words(statement.params).get("concurrently", "false") in ("true", "on", "1", "yes")
    world = footprint.world
    if kind == "INDEX":
        name = world.resolve(written(statement.relation))
        index = world.index(name)
        indexes = _family_of_index(footprint, name) if index else ()
        if index is None:
            footprint.lock(name, _AE)
            footprint.rewrite(name, Why.REINDEX, name.name, aside=aside)
        for member in indexes:
            _rebuild(footprint, member, aside)
        return
    tables = _tables(kind, statement, footprint)
    for table in tables:
        below = kind == "TABLE" and table != tables[0]  # partitions are listed under SHARE first, also CONCURRENTLY
        footprint.lock(table, _SHARE if not aside or below else _SUE)
        for index in world.indexes_of(table) if world.is_leaf(table) else ():
            _rebuild(footprint, index, aside)


def _tables(kind: str, statement: Any, footprint: Footprint) -> tuple[Name, ...]:
    if kind == "TABLE":
        table = footprint.relation(statement.relation)
        return footprint.world.family(table.name) if table else ()
    schema = statement.name if kind == "SCHEMA" else None
    held = (TableKind.TABLE, TableKind.MATERIALIZED_VIEW)
    found = tuple(t.name for t in footprint.world.tables() if t.kind in held and schema in (None, t.name.schema))
    footprint.unknown = footprint.unknown or not footprint.world.known
    return found


def _family_of_index(footprint: Footprint, name: Name) -> tuple[Index, ...]:
    """The index, and those that belong to it on partitions."""
    world = footprint.world
    index = world.index(name)
    if index is None:
        return ()
    below = [
        child
        for table in world.family(index.table)[1:]
        for child in world.indexes_of(table)
        if child.parent == name or (child.columns == index.columns and child.parent is not None)
    ]
    return (index, *(child for child in below if world.is_leaf(child.table)))  # what holds nothing is passed over


def _rebuild(footprint: Footprint, index: Index, aside: bool) -> None:
    divided = not footprint.world.is_leaf(index.table)
    footprint.lock(index.table, _SUE if aside else _SHARE)
    footprint.lock(index.name, _AE)
    if divided:
        return
    footprint.rewrite(index.name, Why.REINDEX, aside=aside)
    footprint.scan(index.table, Why.REINDEX)


FORESEES = {"index_stmt": create_index, "reindex_stmt": reindex}
