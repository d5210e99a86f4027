"""Constraints are added, validated, changed and dropped."""

from __future__ import annotations

from typing import Any

from watari.catalog import ConstraintKind, LockMode, Name, TableKind
from watari.risk.alteration import Alteration, drop_constraint
from watari.risk.causes import Why
from watari.risk.keys import BUILDS, add_inline_key, lock_referenced, scan_referenced
from watari.risk.proofs import is_proved_not_null
from watari.risk.shapes import constraint_value
from watari.sql.grammar import choice, kept, strings
from watari.values import replace

_AE = LockMode.ACCESS_EXCLUSIVE
_SRE = LockMode.SHARE_ROW_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


def add_constraint(alteration: Alteration) -> None:
    """ADD CONSTRAINT: each kind looks at the rows in its own way, unless it is NOT VALID."""
    constraint = kept(alteration.command)
    kind = choice(constraint, "contype")
    if kind == "CONSTR_FOREIGN":
        _add_foreign_key(alteration, constraint)
    elif kind in ("CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION"):
        _add_key(alteration, constraint, kind)
    elif kind == "CONSTR_NOTNULL":
        _add_not_null(alteration, constraint)
    else:
        _add_check(alteration, constraint)


def _inherits(alteration: Alteration) -> bool:
    """Whether the table has plain inheritance children, which 18 closes together with it where 15 does not."""
    return alteration.table(alteration.name).kind is not TableKind.PARTITIONED


def _lock_below(alteration: Alteration, on_15: LockMode | None, on_18: LockMode) -> None:
    mode = on_18 if alteration.world.major >= 18 else on_15
    if mode is not None:
        for member in alteration.family[1:]:
            alteration.footprint.lock(member, mode)


def _name(alteration: Alteration, constraint: Any) -> str:
    """The constraint's name, as written or as the server chooses it."""
    if constraint.conname:
        return str(constraint.conname)
    value = constraint_value(constraint, alteration.name, alteration.world)
    return value.name if value else ""


def _put(alteration: Alteration, constraint: Any, members: tuple[Name, ...]) -> None:
    name = constraint.conname
    for member in members:
        value = constraint_value(constraint, member, alteration.world)
        if value is not None:
            name = name or value.name  # children get the name that the parent chose
            alteration.world.tell("put_constraint", replace(value, name=name))


def _add_check(alteration: Alteration, constraint: Any) -> None:
    own = constraint.is_no_inherit
    members = alteration.family[:1] if own else alteration.family
    _lock_below(alteration, None if own else _AE, _AE)
    if constraint.initially_valid and constraint.is_enforced:
        for member in members:
            alteration.footprint.scan(member, Why.CHECK, _name(alteration, constraint))
    _put(alteration, constraint, members)


def _add_not_null(alteration: Alteration, constraint: Any) -> None:
    (column,) = strings(constraint.keys)
    alteration.lock_family(_AE)
    if not constraint.skip_validation:
        for member in alteration.leaves:
            if not is_proved_not_null(alteration.world, member, column):
                alteration.footprint.scan(member, Why.NOT_NULL, column)
    alteration.change_column(column, not_null=True)
    _put(alteration, constraint, alteration.family)


def _add_foreign_key(alteration: Alteration, constraint: Any) -> None:
    if _inherits(alteration):
        _lock_below(alteration, None, _SRE)
    else:
        alteration.lock_family(_SRE)
    lock_referenced(alteration.footprint, constraint)
    members = alteration.family[:1] if _inherits(alteration) else alteration.family
    if constraint.initially_valid and constraint.is_enforced:
        scan_referenced(alteration.footprint, constraint, members, strings(constraint.fk_attrs))
    _put(alteration, constraint, members)


def _add_key(alteration: Alteration, constraint: Any, kind: str) -> None:
    """PRIMARY KEY, UNIQUE, EXCLUDE: an index is built under the lock, or one that is there is taken."""
    footprint = alteration.footprint
    inherits = _inherits(alteration)
    on_15 = None if inherits else LockMode.SHARE
    _lock_below(alteration, _AE if kind == "CONSTR_PRIMARY" and inherits else on_15, _AE)
    members = alteration.family[:1] if inherits else alteration.family
    if constraint.indexname:
        _use_index(alteration, constraint, kind)
        return
    for member in members:
        footprint.scan(member, BUILDS[kind], _name(alteration, constraint))
        add_inline_key(footprint, member, constraint, strings(constraint.keys))
    if kind == "CONSTR_PRIMARY":
        for column in strings(constraint.keys):
            alteration.change_column(column, not_null=True)


def _use_index(alteration: Alteration, constraint: Any, kind: str) -> None:
    world, footprint = alteration.world, alteration.footprint
    name = Name(alteration.name.schema, constraint.indexname)
    footprint.lock(name, _SUE)
    index = world.index(name)
    columns = tuple(column for column in index.columns if column) if index else ()
    if kind == "CONSTR_PRIMARY":
        proved = columns and all(is_proved_not_null(world, alteration.name, column) for column in columns)
        if not proved:
            footprint.scan(alteration.name, Why.KEY_NOT_NULL, constraint.indexname)
        for column in columns:
            alteration.change_column(column, not_null=True)
    called = constraint.conname or constraint.indexname
    owner = Name(name.schema, called)
    if index:
        world.tell("drop_index", name)
        world.tell("put_index", replace(index, name=owner, constraint=called, primary=kind == "CONSTR_PRIMARY"))
        world.tell("create", owner)
    value = constraint_value(constraint, alteration.name, world, columns)
    if value:
        world.tell("put_constraint", replace(value, name=called, index=owner))


def validate_constraint(alteration: Alteration) -> None:
    """VALIDATE CONSTRAINT: every row is looked at, under a lock that lets readers and writers pass if nothing else is asked."""
    world, footprint = alteration.world, alteration.footprint
    constraint = world.constraint(alteration.name, alteration.command.name)
    if constraint is not None and constraint.validated:
        return
    alteration.lock_family(_SUE)
    for member in alteration.family:
        footprint.scan(member, Why.VALIDATE, alteration.command.name)
    if constraint is None:
        return
    if constraint.references is not None:
        for member in world.family(constraint.references):
            footprint.lock(member, LockMode.ROW_SHARE)
        footprint.scan(constraint.references, Why.VALIDATE, constraint.name)
    for member in alteration.family:
        if below := world.constraint(member, constraint.name):
            world.tell("put_constraint", replace(below, validated=True))


def alter_constraint(alteration: Alteration) -> None:
    """ALTER CONSTRAINT: enforcing a key looks at both tables, no longer enforcing it closes the referenced one."""
    change = kept(alteration.command)
    constraint = alteration.world.constraint(alteration.name, change.conname)
    if constraint is None or constraint.references is None or not change.alter_enforceability:
        return
    mode = _SRE if change.is_enforced else _AE
    for member in alteration.world.family(constraint.references):
        alteration.footprint.lock(member, mode)
    if change.is_enforced and not constraint.enforced:
        alteration.footprint.scan(alteration.name, Why.ENFORCE, constraint.name)
        alteration.footprint.scan(constraint.references, Why.ENFORCE, constraint.name)
    changed = replace(constraint, enforced=change.is_enforced, validated=change.is_enforced)
    alteration.world.tell("put_constraint", changed)


def drop(alteration: Alteration) -> None:
    """DROP CONSTRAINT: its index goes, and the table that a foreign key references is closed too."""
    name = alteration.command.name
    found = [c for member in alteration.family if (c := alteration.world.constraint(member, name))]
    if not found and not alteration.world.known:
        alteration.footprint.destroy(alteration.name, f"constraint {name}")
    for constraint in found:
        alteration.footprint.destroy(constraint.table, f"constraint {constraint.name}")
        drop_constraint(alteration.footprint, constraint)
        if constraint.kind is ConstraintKind.NOT_NULL:
            alteration.change_column(constraint.columns[0], not_null=False)


ALTERS = {
    "AT_AddConstraint": add_constraint,
    "AT_ValidateConstraint": validate_constraint,
    "AT_AlterConstraint": alter_constraint,
    "AT_DropConstraint": drop,
}
