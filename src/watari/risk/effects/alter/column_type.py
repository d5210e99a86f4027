"""ALTER COLUMN TYPE: free, or an index built anew, or the whole table written anew, and what has to be looked at again."""

from __future__ import annotations

from typing import Any

from watari.catalog import Constraint, ConstraintKind, Index, LockMode, Name, TableKind
from watari.risk.alteration import Alteration, index_mentions, uses_column
from watari.risk.causes import Why
from watari.risk.facts.types import Retype, retype
from watari.risk.shapes import collation_of, column_type, domain_of
from watari.risk.world import World
from watari.sql.grammar import TypeRef, body, kept, strings, type_ref

__all__ = ["ALTERS", "cost_of"]

_AE = LockMode.ACCESS_EXCLUSIVE


def alter_column_type(alteration: Alteration) -> None:
    """The column's new type, in the table and everything below it."""
    definition = kept(alteration.command)
    new = type_ref(definition.type_name)
    for member in alteration.family:
        cost = cost_of(alteration.command, member, alteration.world)
        recollated = _recollated(alteration, member)
        if cost is Retype.REWRITE:
            alteration.footprint.rewrite_whole(member, Why.TYPE, alteration.command.name)
        else:
            _keep_table(alteration, member, cost is Retype.INDEX or recollated)
        _check_again(alteration, member, cost)
        _follow_identity(alteration, member)
    alteration.change_column(alteration.command.name, type=str(new), collation=collation_of(definition))


def cost_of(command: Any, table: Name, world: World) -> Retype:
    """What the change costs; an old type that nobody knows counts as one that has to be rewritten."""
    definition = kept(command)
    new = type_ref(definition.type_name)
    found = world.table(table)
    old = column_type(found.column(command.name) if found else None)
    if old is None:
        return Retype.REWRITE
    if not definition.HasField("raw_default"):
        return _cost(old, new, world)
    steps = _plain_casts(definition.raw_default, command.name)
    if steps is None:
        return Retype.REWRITE
    worst = Retype.FREE
    for step in (*steps, new):
        worst, old = max(worst, _cost(old, step, world)), step
    return worst


def _cost(old: TypeRef, new: TypeRef, world: World) -> Retype:
    domains = {"old_domain": domain_of(old, world), "new_domain": domain_of(new, world)}
    return retype(old, new, zone=world.timezone, **domains)


def _plain_casts(using: Any, column: str) -> list[TypeRef] | None:
    """The types that `USING column::one::two` goes through; None where it is anything but casts of the column."""
    steps: list[TypeRef] = []
    kind, inner = body(using)
    while kind == "type_cast":
        steps.insert(0, type_ref(inner.type_name))
        kind, inner = body(inner.arg)
    return steps if kind == "column_ref" and strings(inner.fields)[-1:] == (column,) else None


def _recollated(alteration: Alteration, member: Name) -> bool:
    column = alteration.table(member).column(alteration.command.name)
    return column is not None and column.collation != collation_of(kept(alteration.command))


def _keep_table(alteration: Alteration, member: Name, rebuild: bool) -> None:
    """The table stays as it is; its indexes on the column are defined anew, and some of them built anew."""
    column, footprint = alteration.command.name, alteration.footprint
    for index in alteration.world.indexes_of(member):
        if not uses_column(index, column):
            continue
        footprint.lock(index.name, _AE)
        if _is_built_again(index, column, rebuild) and alteration.world.is_leaf(member):
            footprint.rewrite(index.name, Why.TYPE_INDEX, index.name.name)
            footprint.scan(member, Why.TYPE_INDEX, index.name.name)


def _is_built_again(index: Index, column: str, rebuild: bool) -> bool:
    """An index file is kept where the operator classes stay, and only of a plain index on a plain table."""
    if index.parent is not None or column in index_mentions(index):
        return True
    if index.predicate is not None or None in index.columns:
        return True
    return rebuild and column in index.columns


def _check_again(alteration: Alteration, member: Name, cost: Retype) -> None:
    """Checks on the column are made anew and look at every row; foreign keys are made anew on both sides."""
    world, footprint, column = alteration.world, alteration.footprint, alteration.command.name
    for check in world.constraints_of(member, ConstraintKind.CHECK):
        if column in check.columns and check.validated and check.enforced:
            if cost is Retype.REWRITE:
                footprint.scan(member, Why.TYPE, column)
            else:
                footprint.scan(member, Why.TYPE_CHECK, check.name)
    keys = [key for key in world.constraints_of(member, ConstraintKind.FOREIGN_KEY) if column in key.columns]
    keys += [key for key in world.referencing(member) if _points_at(key, column)]
    for key in keys:
        _remake_key(alteration, key, cost)


def _points_at(key: Constraint, column: str) -> bool:
    return not key.referenced_columns or column in key.referenced_columns


def _remake_key(alteration: Alteration, key: Constraint, cost: Retype) -> None:
    world, footprint = alteration.world, alteration.footprint
    sides = [side for side in (key.table, key.references) if side is not None]
    for side in sides:
        for member in world.family(side):
            footprint.lock(member, _AE)
        if cost is not Retype.FREE and key.validated and key.enforced:
            if cost is Retype.REWRITE:
                footprint.scan(side, Why.TYPE, alteration.command.name)
            else:
                footprint.scan(side, Why.TYPE_KEY, key.name)


#: The default of a serial column is set anew, and looks at its sequence since then.
_DEFAULTS_LOOK = 18


def _follow_identity(alteration: Alteration, member: Name) -> None:
    table = alteration.table(member)
    column = table.column(alteration.command.name)
    if table.kind is TableKind.VIEW or column is None:
        return
    mode = LockMode.SHARE_ROW_EXCLUSIVE if column.identity else LockMode.ACCESS_SHARE
    if not column.identity and alteration.world.major < _DEFAULTS_LOOK:
        return
    for sequence in alteration.world.sequences_of(member, column.name):
        alteration.footprint.lock(sequence.name, mode)


ALTERS = {"AT_AlterColumnType": alter_column_type}
