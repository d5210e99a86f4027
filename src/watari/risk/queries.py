"""What a query reads: every relation that it names, through views down to tables, and whether it reads them whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import LockMode, Name, Table, TableKind
from watari.risk.calls import touch_sequences
from watari.risk.causes import Why
from watari.risk.facts.volatility import VOLATILE
from watari.risk.footprint import Footprint
from watari.risk.volatility import calls_volatile
from watari.sql.grammar import body, choice, function_calls, relation_references, strings

__all__ = ["equal_columns", "is_looked_up", "read"]

_QUIET_SCHEMAS = ("pg_catalog", "information_schema")


def read(query: Any, footprint: Footprint, *, mode: LockMode = LockMode.ACCESS_SHARE, scans: bool = True) -> None:
    """The relations that a query names are locked in `mode`, and read through unless an index leads to the rows."""
    touch_sequences(query, footprint)
    _judge_calls(query, footprint)
    fixed = equal_columns(query)
    for name in relation_references(query):
        if name.schema in _QUIET_SCHEMAS or (name.schema is None and name.name.startswith("pg_")):
            continue
        relation = footprint.named(name)
        if relation is not None:
            _read(relation, footprint, mode, scans and not is_looked_up(footprint, relation.name, fixed))


def _read(relation: Table, footprint: Footprint, mode: LockMode, scans: bool) -> None:
    world = footprint.world
    footprint.lock(relation.name, mode)
    if relation.kind is TableKind.VIEW:
        for source in relation.reads_from:
            if below := world.table(source):
                _read(below, footprint, mode, scans)
        return
    if relation.kind is TableKind.PARTITIONED:
        for member in world.family(relation.name):
            footprint.lock(member, mode)
    if scans:
        footprint.scan(relation.name, Why.QUERY)


def is_looked_up(footprint: Footprint, table: Name, columns: frozenset[str]) -> bool:
    """Whether an index finds the rows for conditions `column = …` on these columns."""
    return any(
        index.valid and index.columns and index.columns[0] in columns for index in footprint.world.indexes_of(table)
    )


def equal_columns(query: Any) -> frozenset[str]:
    """The columns that the WHERE of a query fixes to one value, on the top level of its conditions."""
    _, inner = body(query) if query.DESCRIPTOR.name == "Node" else ("", query)
    if "where_clause" not in inner.DESCRIPTOR.fields_by_name or not inner.HasField("where_clause"):
        return frozenset()
    return frozenset(_fixed(inner.where_clause))


def _fixed(node: Any) -> Iterator[str]:
    kind, inner = body(node)
    if kind == "bool_expr" and choice(inner, "boolop") == "AND_EXPR":
        for argument in inner.args:
            yield from _fixed(argument)
    elif kind == "a_expr" and choice(inner, "kind") in ("AEXPR_OP", "AEXPR_IN") and strings(inner.name) == ("=",):
        for side in (inner.lexpr, inner.rexpr):
            if side.WhichOneof("node") == "column_ref":
                yield strings(side.column_ref.fields)[-1]


def _judge_calls(query: Any, footprint: Footprint) -> None:
    """A volatile function that people or an extension made may do anything."""
    world = footprint.world
    for call in function_calls(query):
        if call.name in VOLATILE and not world.routines(call):
            continue
        if world.known or not relation_references(query):  # without facts an aggregate over a table is nothing to fear
            footprint.unknown = footprint.unknown or calls_volatile(call, world)
