"""DROP of anything: what goes, what goes with it, and which other tables are closed for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from watari.catalog import ConstraintKind, LockMode, Name, TableKind, quoted
from watari.risk.alteration import drop_constraint, drop_users, drop_view
from watari.risk.facts.extensions import TYPES
from watari.risk.footprint import Footprint
from watari.risk.partitions import default_partition
from watari.sql.grammar import (
    Written,
    choice,
    expression,
    function_calls,
    messages,
    strings,
    type_of,
    written_list,
)

_AE = LockMode.ACCESS_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE

Drop = Callable[[Any, Any, Footprint], None]


def drop(statement: Any, footprint: Footprint) -> None:
    """Each object that is named."""
    kind = choice(statement, "remove_type").removeprefix("OBJECT_")
    how = _DROPS.get(kind)
    if how is None:
        footprint.unknown = kind not in _ALONE
        return
    for item in statement.objects:
        how(item, statement, footprint)


def _cascades(statement: Any) -> bool:
    return choice(statement, "behavior") == "DROP_CASCADE"


def _table(item: Any, statement: Any, footprint: Footprint) -> None:
    table = footprint.named(written_list(item), missing_ok=statement.missing_ok)
    if table is not None:
        drop_table(footprint, table.name, cascades=_cascades(statement))


def drop_table(footprint: Footprint, name: Name, *, cascades: bool) -> None:
    """A table goes with its partitions, indexes and sequences; parents and referenced tables are closed too."""
    world = footprint.world
    table = world.table(name)
    for parent in table.parents if table and table.partition_bound is not None else ():
        footprint.lock(parent, _AE)
        default = default_partition(world, parent)
        if default and default != name:
            footprint.lock(default, _AE)
    for member in reversed(world.family(name)):
        footprint.lock(member, _AE)
        footprint.destroy(member, "table")
        footprint.lock_indexes(member, _AE)
        for sequence in world.sequences_of(member):
            footprint.lock(sequence.name, _AE)
            footprint.destroy(sequence.name, "sequence")
        for constraint in world.constraints_of(member, ConstraintKind.FOREIGN_KEY):
            drop_constraint(footprint, constraint)
        if cascades:
            _drop_dependants(footprint, member)
        world.tell("drop_table", member)


def _drop_dependants(footprint: Footprint, table: Name) -> None:
    for foreign in footprint.world.referencing(table):
        footprint.lock(foreign.table, _AE)
        footprint.destroy(foreign.table, f"constraint {foreign.name}")
        footprint.world.tell("drop_constraint", foreign.table, foreign.name)
    for view in footprint.world.views_of(table):
        drop_view(footprint, view)


def _view(item: Any, statement: Any, footprint: Footprint) -> None:
    view = footprint.named(written_list(item), missing_ok=statement.missing_ok, kind=TableKind.VIEW)
    if view is not None:
        drop_view(footprint, view.name)


def _index(item: Any, statement: Any, footprint: Footprint) -> None:
    world = footprint.world
    name = world.resolve(written_list(item))
    index = world.index(name)
    if index is None:
        if not (world.known and statement.missing_ok):
            footprint.lock(name, _AE)  # its table is closed too, but nobody knows which it is
            footprint.destroy(name, "index")
        return
    doomed = [index]
    if not world.is_leaf(index.table):
        doomed += [i for t in world.family(index.table)[1:] for i in world.indexes_of(t) if i.columns == index.columns]
    for each in doomed:
        footprint.lock(each.table, _SUE if statement.concurrent else _AE)
        footprint.lock(each.name, _AE)
        footprint.destroy(each.name, "index")
        world.tell("drop_index", each.name)


def _sequence(item: Any, statement: Any, footprint: Footprint) -> None:
    world = footprint.world
    name = world.resolve(written_list(item))
    if world.known and statement.missing_ok and world.sequence(name) is None and not world.is_new(name):
        return
    footprint.lock(name, _AE)
    footprint.destroy(name, "sequence")
    if _cascades(statement):
        _close_users(footprint, lambda default: name.name in _strings_of(default))
    world.tell("drop_sequence", name)


def _schema(item: Any, statement: Any, footprint: Footprint) -> None:
    """Everything in it goes."""
    schema, world = written_list(item).name, footprint.world
    inside = [table for table in world.tables() if table.name.schema == schema]
    if not world.known:
        footprint.unknown = True
    for table in inside:
        if world.table(table.name) is None:
            continue
        if table.kind in (TableKind.VIEW, TableKind.MATERIALIZED_VIEW):
            drop_view(footprint, table.name)
        else:
            drop_table(footprint, table.name, cascades=True)


def _type(item: Any, statement: Any, footprint: Footprint) -> None:
    """A composite type is a relation; with CASCADE the columns of the type go, and their tables are closed."""
    world, written = footprint.world, written_list(item)
    ref = type_of(".".join(word for word in written if word))
    found = world.resolve_type(ref) if ref else None
    if found is None:
        footprint.unknown = footprint.unknown or not (world.known and statement.missing_ok)
        return
    if found.kind == "c":
        footprint.lock(found.name, _AE)
    if _cascades(statement):
        for table in world.typed(found.name):
            drop_table(footprint, table, cascades=True)
        _drop_columns(footprint, {found.name.name}, {found.name.schema})
    world.tell("drop_type", found.name)


def _drop_columns(footprint: Footprint, types: set[str], schemas: set[str | None]) -> None:
    for table in tuple(footprint.world.tables()):
        for column in table.columns:
            ref = type_of(column.type)
            if ref is None or ref.name not in types or (ref.schema is not None and ref.schema not in schemas):
                continue
            footprint.lock(table.name, _AE)
            if table.kind is TableKind.VIEW:
                drop_view(footprint, table.name)
                break
            footprint.destroy(table.name, f"column {column.name}")
            drop_users(footprint, table.name, column.name, cascades=True)


def _extension(item: Any, statement: Any, footprint: Footprint) -> None:
    """With CASCADE the columns of the extension's types go."""
    name, world = item.string.sval, footprint.world
    if world.catalog is not None and name not in world.catalog.extensions and statement.missing_ok:
        return
    if _cascades(statement):
        footprint.unknown = name not in TYPES or not world.known
        schema = world.catalog.extensions[name].schema if world.catalog and name in world.catalog.extensions else None
        _drop_columns(footprint, set(TYPES.get(name, ())), {schema})


def _of_table(lock: LockMode, group: str) -> Drop:
    """Triggers, rules and policies: the table that they stand on is closed, if they are there."""

    def drop_part(item: Any, statement: Any, footprint: Footprint) -> None:
        *words, name = strings(item.list.items)
        table = footprint.named(
            Written(words[-2] if len(words) > 1 else None, words[-1]), missing_ok=statement.missing_ok
        )
        if table is None:
            return
        if statement.missing_ok and footprint.world.known and not _is_there(footprint, table.name, group, name):
            return
        divided = group == "trigger" and not footprint.world.is_leaf(table.name) and table.kind is TableKind.PARTITIONED
        for member in footprint.world.family(table.name) if divided else (table.name,):
            footprint.lock(member, lock)
        footprint.destroy(table.name, f"{group} {name}")
        if group in ("trigger", "policy"):
            footprint.world.tell(f"drop_{group}", table.name, name)

    return drop_part


def _is_there(footprint: Footprint, table: Name, group: str, name: str) -> bool:
    world = footprint.world
    if group == "trigger":
        return any(trigger.name == name for trigger in world.triggers_of(table))
    if group == "policy":
        return any(policy.name == name for policy in world.policies_of(table))
    rules = [other.identity for other in world.catalog.others if other.kind == "rule"] if world.catalog else []
    return f"{quoted(name)} on {table}" in rules


def _routine(item: Any, statement: Any, footprint: Footprint) -> None:
    """With CASCADE the triggers that call it go, and their tables are closed."""
    if not _cascades(statement):
        return
    written, world = written_list(item), footprint.world
    for table in tuple(world.tables()):
        for trigger in world.triggers_of(table.name):
            if trigger.function.rpartition(".")[2].strip('"') == written.name:
                footprint.lock(table.name, _AE)
                footprint.destroy(table.name, f"trigger {trigger.name}")
    _close_users(footprint, lambda default: any(call.name == written.name for call in function_calls(default)))
    footprint.unknown = footprint.unknown or not world.known


def _close_users(footprint: Footprint, uses: Callable[[Any], bool]) -> None:
    """The tables that have something in a default are closed, and the default goes."""
    for table in footprint.world.tables():
        for column in table.columns:
            tree = expression(column.default) if column.default and not column.generated else None
            if tree is not None and uses(tree):
                footprint.lock(table.name, _AE)
                footprint.destroy(table.name, f"default {column.name}")


def _strings_of(tree: Any) -> set[str]:
    """The last words of the names that stand as text in an expression: `'public.seq'::regclass`."""
    texts = (message.sval.sval for message in messages(tree) if message.DESCRIPTOR.name == "A_Const")
    return {text.rpartition(".")[2].strip('"') for text in texts}


def _statistics(item: Any, statement: Any, footprint: Footprint) -> None:
    """The table of a statistics object is locked as maintenance does."""
    written, catalog = written_list(item), footprint.world.catalog
    for other in catalog.others if catalog else ():
        if other.kind == "statistics" and other.identity.rpartition(".")[2].strip('"') == written.name:
            source = other.definition.rpartition(" FROM ")[2].partition(" owner ")[0]
            schema, _, name = source.rpartition(".")
            footprint.lock(footprint.world.resolve(Written(schema or None, name)), _SUE)


#: Kinds of objects that stand alone: dropping them touches no table.
_ALONE = frozenset(
    """
    ACCESS_METHOD AGGREGATE CAST COLLATION CONVERSION EVENT_TRIGGER FDW FOREIGN_SERVER LANGUAGE OPCLASS OPERATOR OPFAMILY
    SUBSCRIPTION TABLESPACE TRANSFORM TSCONFIGURATION TSDICTIONARY TSPARSER TSTEMPLATE USER_MAPPING
    """.split()  # noqa: SIM905
)


def _server(item: Any, statement: Any, footprint: Footprint) -> None:
    """The foreign tables of a server go with it."""
    mark = f"SERVER {quoted(written_list(item).name)} "
    for table in tuple(footprint.world.tables()) if _cascades(statement) else ():
        if table.kind is TableKind.FOREIGN and (table.definition or "").startswith(mark):
            drop_table(footprint, table.name, cascades=True)


def _publication(item: Any, statement: Any, footprint: Footprint) -> None:
    """No table is touched; what it published is forgotten."""
    footprint.world.tell("unpublish", quoted(item.string.sval))


_DROPS: Mapping[str, Drop] = {
    "TABLE": _table,
    "FOREIGN_TABLE": _table,
    "VIEW": _view,
    "MATVIEW": _view,
    "INDEX": _index,
    "SEQUENCE": _sequence,
    "SCHEMA": _schema,
    "TYPE": _type,
    "DOMAIN": _type,
    "EXTENSION": _extension,
    "TRIGGER": _of_table(_AE, "trigger"),
    "RULE": _of_table(_AE, "rule"),
    "POLICY": _of_table(_AE, "policy"),
    "FUNCTION": _routine,
    "PROCEDURE": _routine,
    "ROUTINE": _routine,
    "STATISTIC_EXT": _statistics,
    "FOREIGN_SERVER": _server,
    "PUBLICATION": _publication,
}

FORESEES = {"drop_stmt": drop}
