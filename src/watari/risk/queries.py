"""What a query reads: every relation that it names, through views down to tables, and whether it reads them whole."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from watari.catalog import LockMode, Name, Table, TableKind
from watari.risk.calls import touch_sequences
from watari.risk.causes import Why
from watari.risk.conditions import Tests, called_in, enclosed_columns, equal_columns, tests_of
from watari.risk.facts.volatility import VOLATILE
from watari.risk.footprint import Footprint
from watari.risk.partitions import surviving
from watari.risk.routines import run
from watari.risk.volatility import calls_volatile
from watari.sql.grammar import (
    Written,
    body,
    calls_in,
    column_references,
    gathered,
    only_references,
    relation_references,
    strings,
    written,
)

__all__ = ["is_looked_up", "judge_calls", "read"]

_QUIET_SCHEMAS = ("pg_catalog", "information_schema")


def read(
    query: Any,
    footprint: Footprint,
    *,
    mode: LockMode = LockMode.ACCESS_SHARE,
    scans: bool = True,
    deep: bool = True,
    apart: Container[str] = (),
    around: frozenset[str] = frozenset(),
) -> None:
    """The relations that a query names are locked in `mode`, and read through unless an index leads to the rows.

    `deep`: the query runs, so that what is below views and partitioned tables is locked too. `apart` are names that a WITH
    around the query gives, `around` what the statement around it calls its relations.
    """
    parts = gathered(query)
    touch_sequences(parts, footprint)
    if deep and not footprint.plans_only:
        judge_calls(parts, footprint)
    alone, levels = only_references(parts), _levels(parts, around)
    outside = (tests_of(query, around), _ends(query))
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
            for tests, ends in levels.get(name, [outside]):
                looked_up = is_looked_up(
                    footprint, relation.name, equal_columns(tests) | enclosed_columns(tests) | ends
                )
                _read(relation, footprint, mode, None if name in alone else tests, scans and not looked_up)


def _read(relation: Table, footprint: Footprint, mode: LockMode, tests: Tests | None, scans: bool) -> None:
    """One relation and what is below it; `tests` is None where the query says ONLY."""
    world = footprint.world
    footprint.lock(relation.name, mode)
    if relation.kind is TableKind.VIEW:
        for source in relation.reads_from:
            if below := world.table(source):
                _read(below, footprint, mode, {}, scans)
        return
    for member in (relation.name,) if tests is None else surviving(world, relation.name, tests):
        footprint.lock(member, mode)
        if scans and world.is_leaf(member):
            footprint.scan(member, Why.QUERY)


def is_looked_up(footprint: Footprint, table: Name, columns: Container[str]) -> bool:
    """Whether an index finds the rows for conditions `column = …` on these columns."""
    if "ctid" in columns:
        return True
    return any(
        index.valid and index.columns and index.columns[0] in columns for index in footprint.world.indexes_of(table)
    )


def _levels(
    parts: Mapping[str, list[Any]], around: frozenset[str]
) -> dict[Written, list[tuple[Tests, frozenset[str]]]]:
    """The conditions of each query of a statement, inner ones too, by the relations that it names itself."""
    around = around.union(*(called_in(select) for select in parts.get("SelectStmt", ())))
    found: dict[Written, list[tuple[Tests, frozenset[str]]]] = {}
    for select in parts.get("SelectStmt", ()):
        waiting = list(select.from_clause)
        while waiting:
            kind, inner = body(waiting.pop())
            if kind == "join_expr":
                waiting += (inner.larg, inner.rarg)
            elif kind == "range_var":
                found.setdefault(written(inner), []).append((tests_of(select, around), _ends(select)))
    return found


def _ends(query: Any) -> frozenset[str]:
    """The columns whose first or last values are all that a query of one relation asks for: max(c), min(c), ORDER BY c LIMIT."""
    _, inner = body(query) if query.DESCRIPTOR.name == "Node" else ("", query)
    if inner.DESCRIPTOR.name != "SelectStmt" or len(inner.from_clause) != 1 or inner.HasField("where_clause"):
        return frozenset()
    if inner.HasField("limit_count") and inner.sort_clause and not (inner.group_clause or inner.distinct_clause):
        return frozenset(column_references(inner.sort_clause[0].sort_by.node))
    asked = [node.res_target.val for node in inner.target_list]
    calls = [value.func_call for value in asked if value.WhichOneof("node") == "func_call"]
    if not asked or len(calls) != len(asked) or inner.group_clause:
        return frozenset()
    return frozenset(
        c for call in calls if strings(call.funcname)[-1] in ("max", "min") for c in column_references(call)
    )


def judge_calls(parts: Any, footprint: Footprint) -> None:
    """What people's functions do is foreseen; a volatile one whose text is not at hand may do anything."""
    world = footprint.world
    for message in calls_in(parts):
        words = strings(message.funcname)
        call = Written(words[-2] if len(words) > 1 else None, words[-1])
        if run(call, len(message.args), footprint) or call.name in VOLATILE:
            continue
        if world.known or not relation_references(parts):  # without facts an aggregate over a table is nothing to fear
            footprint.unknown = footprint.unknown or calls_volatile(call, world)
