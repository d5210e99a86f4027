"""Partitions: which column a table is divided by, its default partition, and what has to be looked at for a new one."""

from __future__ import annotations

from typing import Any

from watari.catalog import Constraint, ConstraintKind, LockMode, Name, TableKind
from watari.risk.bounds import Bound, bound_of_node, bound_of_text, excludes, meets, takes
from watari.risk.causes import Why
from watari.risk.conditions import Test, Tests
from watari.risk.facts.types import constant_utc
from watari.risk.footprint import Footprint
from watari.risk.world import World
from watari.sql.grammar import column_references, expression

__all__ = ["bound_of", "default_partition", "key_column", "lock_for_bound", "lock_key_targets", "surviving"]


def key_column(world: World, table: Name) -> str | None:
    """The column that a table is divided by; None where it is more than one, or an expression."""
    found = world.table(table)
    key = (found.partition_key or "") if found else ""
    kind, _, rest = key.partition(" ")
    tree = expression(rest) if kind in ("RANGE", "LIST") and rest else None
    if tree is None or tree.WhichOneof("node") != "column_ref":
        return None
    return column_references(tree)[0]


def default_partition(world: World, table: Name) -> Name | None:
    """The partition that takes what fits nowhere else."""
    for child in world.children_of(table):
        found = world.table(child)
        if found and (found.partition_bound or "").upper() == "DEFAULT":
            return child
    return None


def surviving(world: World, table: Name, tests: Tests) -> tuple[Name, ...]:
    """The table and the partitions below it that a query with these conditions still looks into."""
    found = world.table(table)
    if found is None or found.kind is not TableKind.PARTITIONED:
        return world.family(table)
    column = key_column(world, table)
    asked = tests.get(column, ()) if column else ()
    bounds = {child: bound_of(world, child, column) for child in world.children_of(table)}
    kept = [child for child, bound in bounds.items() if bound is None or all(_may_hold(bound, t, world) for t in asked)]
    taken = [bound for bound in bounds.values() if bound is not None and not bound.default]
    if any(_all_taken(test, taken, world) for test in asked):
        kept = [child for child in kept if (bound := bounds[child]) is None or not bound.default]
    return (table, *(member for child in kept for member in surviving(world, child, tests)))


def bound_of(world: World, partition: Name, column: str | None) -> Bound | None:
    """Which rows a partition takes by this column; None where that is not known."""
    found = world.table(partition)
    return bound_of_text(found.partition_bound, column) if found and found.partition_bound and column else None


def _may_hold(bound: Bound, test: Test, world: World) -> bool:
    utc = constant_utc(world.timezone)
    return any(value is None or meets(bound, test.operator, value, utc) for value in test.values)


def _all_taken(test: Test, bounds: list[Bound], world: World) -> bool:
    """Whether every value that is asked for has a partition of its own, so that the default one is not looked into."""
    utc = constant_utc(world.timezone)
    return test.operator == "=" and all(
        value is not None and any(takes(bound, value, utc) for bound in bounds) for value in test.values
    )


def lock_for_bound(footprint: Footprint, parent: Name, spec: Any) -> None:
    """A new partition: the default one is closed, and read through unless a check proves that nothing of it moves."""
    world = footprint.world
    default = default_partition(world, parent)
    if default is None:
        return
    column = key_column(world, parent)
    bound = bound_of_node(spec, column) if column else None
    for member in world.family(default):
        footprint.lock(member, LockMode.ACCESS_EXCLUSIVE)
        if bound is None or not excludes(world, member, bound):
            footprint.scan(member, Why.DEFAULT_PARTITION)


def lock_key_targets(footprint: Footprint, parent: Name, partition: Name) -> None:
    """The foreign keys of the parent are made on the partition: prepared ones are taken over, others look at every row."""
    world = footprint.world
    own = world.constraints_of(partition, ConstraintKind.FOREIGN_KEY)
    for key in world.constraints_of(parent, ConstraintKind.FOREIGN_KEY):
        if key.references is None or key.references in world.family(parent):
            continue
        prepared = any(_same_key(key, other) and other.validated for other in own)
        mode = LockMode.ACCESS_EXCLUSIVE if prepared else LockMode.SHARE_ROW_EXCLUSIVE
        for member in world.family(key.references):
            footprint.lock(member, mode)
        if not prepared and key.enforced:
            footprint.scan(partition, Why.ATTACH_KEY, key.name)
            footprint.scan(key.references, Why.ATTACH_KEY, key.name)


def _same_key(one: Constraint, other: Constraint) -> bool:
    return one.columns == other.columns and one.references == other.references


def is_divided(world: World, table: Name) -> bool:
    """Whether the table is partitioned."""
    found = world.table(table)
    return found is not None and found.kind is TableKind.PARTITIONED
