"""Statements over whole tables: LOCK and TRUNCATE."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, TableKind
from watari.risk.footprint import Footprint
from watari.risk.routines import TRUNCATE, fire
from watari.sql.grammar import choice

_AE = LockMode.ACCESS_EXCLUSIVE


def lock(statement: Any, footprint: Footprint) -> None:
    """LOCK TABLE: the mode that it names, also for the tables below a view."""
    mode = LockMode(statement.mode) if statement.mode else _AE
    for node in statement.relations:
        table = footprint.relation(node.range_var)
        if table is None:
            continue
        waiting = [table.name]
        while waiting:
            name = waiting.pop()
            footprint.lock(name, mode)
            known = footprint.world.table(name)
            if known is not None and known.kind is TableKind.VIEW:
                waiting += known.reads_from
            elif node.range_var.inh:
                waiting += footprint.world.children_of(name)


def truncate(statement: Any, footprint: Footprint) -> None:
    """TRUNCATE: tables, partitions, indexes, with CASCADE every table that points at them."""
    world = footprint.world
    named = [table.name for node in statement.relations if (table := footprint.relation(node.range_var))]
    doomed = dict.fromkeys(member for name in named for member in world.family(name))
    cascades = choice(statement, "behavior") == "DROP_CASCADE"
    waiting = list(doomed) if cascades else []
    while waiting:
        for key in world.referencing(waiting.pop()):
            for member in world.family(key.table):
                if member not in doomed:
                    doomed[member] = None
                    waiting.append(member)
    for name in doomed:
        footprint.lock(name, _AE)
        footprint.destroy(name, "rows")
        footprint.lock_indexes(name, _AE)
        fire(name, TRUNCATE, footprint)
        if statement.restart_seqs:
            for sequence in world.sequences_of(name):
                footprint.lock(sequence.name, _AE)


FORESEES = {"lock_stmt": lock, "truncate_stmt": truncate}
