"""ALTER TABLE, INDEX, VIEW, SEQUENCE and TYPE: the strongest lock of all subcommands, and what each of them does."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from watari.catalog import LockMode, Name, TableKind
from watari.catalog.making import quick
from watari.late import modules
from watari.risk.alteration import Alteration
from watari.risk.causes import Why
from watari.risk.facts.subcommands import MIDDLE, ORDER, SUBCOMMANDS, option_lock
from watari.risk.footprint import Footprint
from watari.sql.grammar import choice, kept, written

_AE = LockMode.ACCESS_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


def alter_table(statement: Any, footprint: Footprint) -> None:
    """Any ALTER whose subcommands are those of tables."""
    name = footprint.world.resolve(written(statement.relation))
    commands = [node.alter_table_cmd for node in statement.cmds]
    what = choice(statement, "objtype")
    if what == "OBJECT_TYPE":
        _alter_type(name, commands, footprint)
    elif what == "OBJECT_INDEX" or footprint.world.index(name):
        _alter_index(name, commands, footprint, missing_ok=statement.missing_ok)
    elif what == "OBJECT_SEQUENCE" or footprint.world.sequence(name):
        footprint.lock(name, _AE)
    else:
        _alter_relation(statement, commands, footprint)


def _alter_relation(statement: Any, commands: list[Any], footprint: Footprint) -> None:
    kinds = {"OBJECT_VIEW": TableKind.VIEW, "OBJECT_MATVIEW": TableKind.MATERIALIZED_VIEW}
    kind = kinds.get(choice(statement, "objtype"), TableKind.TABLE)
    table = footprint.relation(statement.relation, missing_ok=statement.missing_ok, kind=kind)
    if table is None:
        return
    family = footprint.world.family(table.name) if statement.relation.inh else (table.name,)
    ordered = [(choice(command, "subtype"), command) for command in commands]
    if len(ordered) > 1:
        ordered.sort(key=lambda one: ORDER.get(one[0], MIDDLE))
    for subtype, command in ordered:
        _alter(subtype, command, table.name, family, footprint)


def _alter(subtype: str, command: Any, name: Name, family: tuple[Name, ...], footprint: Footprint) -> None:
    known = SUBCOMMANDS.get(subtype)
    if known is None:
        footprint.unknown = True
        footprint.lock(name, _AE)
        return
    goes_down = known.family and footprint.world.major >= known.since
    reached = family if goes_down else (name,)
    alteration = _alteration(command=command, footprint=footprint, name=name, family=reached)
    footprint.lock(name, lock_of(command, subtype))
    if goes_down and subtype not in _OWN_LOCKS:
        alteration.lock_family(known.lock)
    alters = subcommands().get(subtype)
    if alters is not None:
        alters(alteration)


_alteration = quick(Alteration)

#: Subcommands whose file locks the partitions and children itself.
_OWN_LOCKS = frozenset({"AT_AddConstraint", "AT_ValidateConstraint"})


def lock_of(command: Any, subtype: str) -> LockMode:
    """The lock that one subcommand takes on the table that it is said of."""
    if subtype == "AT_AddConstraint" and choice(kept(command), "contype") == "CONSTR_FOREIGN":
        return LockMode.SHARE_ROW_EXCLUSIVE
    if subtype == "AT_DetachPartition" and kept(command).concurrent:
        return _SUE
    if subtype in ("AT_SetRelOptions", "AT_ResetRelOptions"):
        names = frozenset(node.def_elem.defname for node in kept(command).items)
        return option_lock(names)
    return SUBCOMMANDS[subtype].lock


def _alter_index(name: Name, commands: list[Any], footprint: Footprint, *, missing_ok: bool) -> None:
    index = footprint.world.index(name)
    if index is None and footprint.world.known and missing_ok:
        return
    for command in commands:
        subtype = choice(command, "subtype")
        if subtype == "AT_AttachPartition":
            _attach_index(name, footprint.world.resolve(written(kept(command).name)), footprint)
        elif subtype in ("AT_SetRelOptions", "AT_ResetRelOptions", "AT_SetStatistics"):
            footprint.lock(name, lock_of(command, subtype))
        else:
            footprint.lock(name, _AE)
        wanted = None if command.name == "pg_default" else command.name
        if subtype == "AT_SetTableSpace" and (index is None or index.tablespace != wanted):
            footprint.rewrite(name, Why.TABLESPACE)


def _attach_index(parent: Name, child: Name, footprint: Footprint) -> None:
    footprint.lock(parent, _SUE)
    footprint.lock(child, _AE)
    for name in (parent, child):
        if index := footprint.world.index(name):
            footprint.lock(index.table, LockMode.ACCESS_SHARE)


def _alter_type(name: Name, commands: list[Any], footprint: Footprint) -> None:
    """A composite type: its own relation is closed, and with CASCADE the tables OF it change as if each were named.

    Tables that only have a column of the type are not touched.
    """
    footprint.lock(name, _AE)
    typed = footprint.world.typed(name)
    for command in commands:
        if choice(command, "behavior") != "DROP_CASCADE":
            continue
        footprint.unknown = footprint.unknown or not footprint.world.known  # which tables are OF it
        for table in typed:
            family = footprint.world.family(table)
            _alter(choice(command, "subtype"), command, table, family, footprint)


@cache
def subcommands() -> Mapping[str, Callable[[Alteration], None]]:
    """What each subcommand does, gathered from the files of `alter/`."""
    from watari.risk.effects import alter

    found: dict[str, Callable[[Alteration], None]] = {}
    for name in modules(alter.__path__, f"{alter.__name__}."):
        found.update(importlib.import_module(name).ALTERS)
    return found


FORESEES = {"alter_table_stmt": alter_table}
