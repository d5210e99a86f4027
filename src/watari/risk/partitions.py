"""Partitions: which column a table is divided by, its default partition, and what has to be looked at for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watari.catalog import Constraint, ConstraintKind, LockMode, Name, TableKind
from watari.risk.bounds import bound_of_node, bound_of_text, excludes, takes
from watari.risk.causes import Why
from watari.risk.facts.types import constant_utc
from watari.risk.footprint import Footprint
from watari.risk.world import World
from watari.sql.grammar import column_references, expression

__all__ = ["default_partition", "key_column", "lock_for_bound", "lock_key_targets", "surviving"]


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


def surviving(world: World, table: Name, fixed: Mapping[str, str | None]) -> tuple[Name, ...]:
    """The table and the partitions below it that a query with these constants in its conditions still looks into."""
    found = world.table(table)
    if found is None or found.kind is not TableKind.PARTITIONED:
        return world.family(table)
    column = key_column(world, table)
    value = fixed.get(column) if column else None
    kept = [child for child in world.children_of(table) if value is None or _may_hold(world, child, column, value)]
    if value is not None and len(kept) > 1:
        default = default_partition(world, table)
        kept = [child for child in kept if child != default]
    return (table, *(member for child in kept for member in surviving(world, child, fixed)))


def _may_hold(world: World, partition: Name, column: str | None, value: str) -> bool:
    found = world.table(partition)
    bound = bound_of_text(found.partition_bound, column) if found and found.partition_bound and column else None
    return bound is None or bound.default or takes(bound, value, constant_utc(world.timezone))


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
