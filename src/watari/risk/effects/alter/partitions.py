"""ATTACH and DETACH PARTITION."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode, Name
from watari.risk.alteration import Alteration
from watari.risk.bounds import Bound, bound_of_node, excludes, implies
from watari.risk.causes import Why
from watari.risk.partitions import bound_of, default_partition, key_column, lock_for_bound, lock_key_targets
from watari.risk.world import World
from watari.sql.grammar import kept, written
from watari.values import replace

_AE = LockMode.ACCESS_EXCLUSIVE


def attach(alteration: Alteration) -> None:
    """ATTACH PARTITION: the new partition is closed, and read through for everything that it cannot prove."""
    world, footprint = alteration.world, alteration.footprint
    command = kept(alteration.command)
    table = footprint.named(written(command.name))
    if table is None:
        return
    column = key_column(world, alteration.name)
    bounds = [bound_of_node(command.bound, column) if column else None, *_bounds_above(world, alteration.name)]
    for member in world.family(table.name):
        footprint.lock(member, _AE)
        proved = all(bound is not None and _proves(world, alteration.name, member, bound) for bound in bounds)
        if world.is_leaf(member) and not proved:
            footprint.scan(member, Why.ATTACH)
    if not command.bound.is_default:
        lock_for_bound(footprint, alteration.name, command.bound)
    _match_indexes(alteration, table.name)
    lock_key_targets(footprint, alteration.name, table.name)
    for ancestor in alteration.table(alteration.name).parents:
        footprint.lock(ancestor, LockMode.ACCESS_SHARE)
    world.tell("attach", alteration.name, table.name)
    attached = alteration.table(table.name)
    world.tell("put_table", replace(attached, partition_bound="DEFAULT" if command.bound.is_default else ""))


def _proves(world: World, parent: Name, table: Name, bound: Bound) -> bool:
    """Whether a table's checks say that its rows fit; into a default partition what fits into none of the others does."""
    if not bound.default:
        return implies(world, table, bound)
    others = [bound_of(world, child, bound.column) for child in world.children_of(parent)]
    return all(other is not None and excludes(world, table, other) for other in others)


def _bounds_above(world: World, table: Name) -> Iterator[Bound | None]:
    """What a partition of `table` has to hold besides its own bound: those of the table itself and of its parents."""
    found = world.table(table)
    for parent in found.parents if found and found.partition_bound is not None else ():
        yield bound_of(world, table, key_column(world, parent))
        yield from _bounds_above(world, parent)


def _match_indexes(alteration: Alteration, partition: Name) -> None:
    """Indexes of the parent that the partition lacks are built inside ATTACH."""
    world = alteration.world
    own = {(index.columns, index.unique, index.method) for index in world.indexes_of(partition)}
    for index in world.indexes_of(alteration.name):
        alteration.footprint.lock(index.name, LockMode.SHARE_UPDATE_EXCLUSIVE)
        if (index.columns, index.unique, index.method) not in own:
            alteration.footprint.scan(partition, Why.ATTACH_INDEX, index.name.name)


def detach(alteration: Alteration) -> None:
    """DETACH PARTITION: the partition is closed, the default one too; keys that point at the parent look at it again."""
    world, footprint = alteration.world, alteration.footprint
    partition = footprint.named(written(kept(alteration.command).name))
    if partition is None:
        return
    for member in world.family(partition.name):
        footprint.lock(member, _AE)
    if default := default_partition(world, alteration.name):
        footprint.lock(default, _AE)
    for key in world.referencing(alteration.name):
        footprint.lock(key.table, _AE)
        footprint.scan(key.table, Why.DETACH)
        footprint.scan(partition.name, Why.DETACH)
        for index in world.indexes_of(partition.name):
            if index.primary or index.unique:
                footprint.lock(index.name, _AE)
    world.tell("detach", alteration.name, partition.name)


ALTERS = {
    "AT_AttachPartition": attach,
    "AT_DetachPartition": detach,
    "AT_DetachPartitionFinalize": detach,
}
