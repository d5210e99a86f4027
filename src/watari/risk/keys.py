"""Keys: what foreign keys do to the tables that they point at, and the indexes behind primary keys and unique constraints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watari.catalog import Constraint, ConstraintKind, Index, LockMode, Name
from watari.catalog.making import quick
from watari.risk.causes import Why
from watari.risk.footprint import Footprint
from watari.risk.shapes import constraint_value
from watari.sql.grammar import choice, written

__all__ = ["BUILDS", "add_inline_key", "index_behind", "lock_referenced", "scan_referenced"]

#: Why each kind of key builds an index.
BUILDS = {"CONSTR_PRIMARY": Why.PRIMARY_KEY, "CONSTR_UNIQUE": Why.UNIQUE, "CONSTR_EXCLUSION": Why.EXCLUSION}


def lock_referenced(footprint: Footprint, constraint: Any) -> Name:
    """The table that a foreign key points at is closed to writers while the key's triggers are made."""
    referenced = footprint.named(written(constraint.pktable))
    assert referenced is not None  # only an absent one that is allowed to be so is None
    for member in footprint.world.family(referenced.name):
        footprint.lock(member, LockMode.SHARE_ROW_EXCLUSIVE)
    return referenced.name


def scan_referenced(
    footprint: Footprint, constraint: Any, referencing: Sequence[Name], columns: Sequence[str] = ()
) -> None:
    """Every row of the referencing tables is looked up in the one that the key points at."""
    value = constraint_value(constraint, referencing[0], footprint.world, columns)
    name = value.name if value else ""
    looked_up = False
    for member in referencing:
        footprint.scan(member, Why.FOREIGN_KEY, name)
        all_null = any((member, column) in footprint.fresh for column in columns)
        looked_up = looked_up or not (all_null or footprint.world.is_empty(member))
    if looked_up:
        footprint.scan(footprint.world.resolve(written(constraint.pktable)), Why.FOREIGN_KEY, name)


def add_inline_key(footprint: Footprint, table: Name, constraint: Any, columns: Sequence[str]) -> None:
    """The world gets the index and the constraint of PRIMARY KEY, UNIQUE or EXCLUDE."""
    world = footprint.world
    value = constraint_value(constraint, table, world, columns)
    if value is None or value.index is None:
        return
    if footprint.locked(value.index) is not None:  # this very statement dropped it, and makes it anew
        footprint.rewrite(value.index, BUILDS[choice(constraint, "contype")], value.index.name)
    world.tell("create", value.index)
    world.tell("put_index", index_behind(value, value.index))
    world.tell("put_constraint", value)


def index_behind(constraint: Constraint, name: Name) -> Index:
    """The index of a key, by this name."""
    return _index(
        name=name,
        table=constraint.table,
        definition="",
        columns=constraint.columns,
        unique=True,
        primary=constraint.kind is ConstraintKind.PRIMARY_KEY,
        constraint=constraint.name,
    )


_index = quick(Index)
