"""What a query reads: every relation that it names, through views down to tables, and whether it reads them whole."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from watari.catalog import LockMode, Name, Table, TableKind
from watari.risk.bounds import literal
from watari.risk.calls import touch_sequences
from watari.risk.causes import Why
from watari.risk.facts.volatility import VOLATILE
from watari.risk.footprint import Footprint
from watari.risk.partitions import surviving
from watari.risk.volatility import calls_volatile
from watari.sql.grammar import body, choice, function_calls, gathered, relation_references, strings

__all__ = ["equal_columns", "is_looked_up", "read"]

_QUIET_SCHEMAS = ("pg_catalog", "information_schema")


def read(
    query: Any,
    footprint: Footprint,
    *,
    mode: LockMode = LockMode.ACCESS_SHARE,
    scans: bool = True,
    deep: bool = True,
    apart: Container[str] = (),
) -> None:
    """The relations that a query names are locked in `mode`, and read through unless an index leads to the rows.

    `deep`: the query runs, so that what is below views and partitioned tables is locked too. `apart` are names that a WITH
    around the query gives.
    """
    parts = gathered(query)
    touch_sequences(parts, footprint)
    _judge_calls(parts, footprint)
    fixed = equal_columns(query)
    for name in relation_references(parts):
        if name.schema in _QUIET_SCHEMAS or (name.schema is None and name.name.startswith("pg_")):
            continue
        if name.schema is None and name.name in apart:
            continue
        relation = footprint.named(name)
        if relation is not None:
            if not deep:
                footprint.lock(relation.name, mode)
                continue
            _read(relation, footprint, mode, fixed, scans and not is_looked_up(footprint, relation.name, fixed))


def _read(relation: Table, footprint: Footprint, mode: LockMode, fixed: Mapping[str, str | None], scans: bool) -> None:
    world = footprint.world
    footprint.lock(relation.name, mode)
    if relation.kind is TableKind.VIEW:
        for source in relation.reads_from:
            if below := world.table(source):
                _read(below, footprint, mode, {}, scans)
        return
    divided = relation.kind is TableKind.PARTITIONED
    for member in surviving(world, relation.name, fixed) if divided else (relation.name,):
        footprint.lock(member, mode)
        if scans and world.is_leaf(member):
            footprint.scan(member, Why.QUERY)


def is_looked_up(footprint: Footprint, table: Name, columns: Container[str]) -> bool:
    """Whether an index finds the rows for conditions `column = …` on these columns."""
    return any(
        index.valid and index.columns and index.columns[0] in columns for index in footprint.world.indexes_of(table)
    )


def equal_columns(query: Any) -> dict[str, str | None]:
    """The columns that the WHERE of a query fixes to one value on the top level of its conditions; its constant, if it is one."""
    _, inner = body(query) if query.DESCRIPTOR.name == "Node" else ("", query)
    if "where_clause" not in inner.DESCRIPTOR.fields_by_name or not inner.HasField("where_clause"):
        return {}
    return dict(_fixed(inner.where_clause))


def _fixed(node: Any) -> Iterator[tuple[str, str | None]]:
    kind, inner = body(node)
    if kind == "bool_expr" and choice(inner, "boolop") == "AND_EXPR":
        for argument in inner.args:
            yield from _fixed(argument)
    elif kind == "a_expr" and choice(inner, "kind") in ("AEXPR_OP", "AEXPR_IN") and strings(inner.name) == ("=",):
        sides = (inner.lexpr, inner.rexpr)
        columns = [side for side in sides if side.WhichOneof("node") == "column_ref"]
        if len(columns) == 1:  # two columns are a join
            value = literal(sides[1] if columns[0] is sides[0] else sides[0])
            yield strings(columns[0].column_ref.fields)[-1], value


def _judge_calls(parts: Any, footprint: Footprint) -> None:
    """A volatile function that people or an extension made may do anything."""
    world = footprint.world
    for call in function_calls(parts):
        if call.name in VOLATILE and not world.routines(call):
            continue
        if world.known or not relation_references(parts):  # without facts an aggregate over a table is nothing to fear
            footprint.unknown = footprint.unknown or calls_volatile(call, world)
