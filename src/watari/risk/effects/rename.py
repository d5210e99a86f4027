"""Things get another name, schema or owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watari.catalog import ConstraintKind, LockMode, Name, TableKind, quoted
from watari.risk.footprint import Footprint
from watari.sql.grammar import TypeRef, choice, written, written_list
from watari.values import replace

_AE = LockMode.ACCESS_EXCLUSIVE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE

_RELATIONS = frozenset({"TABLE", "VIEW", "MATVIEW", "FOREIGN_TABLE"})


def rename(statement: Any, footprint: Footprint) -> None:
    """RENAME of a relation, column, constraint, trigger, policy, rule; of anything else no table is touched."""
    kind = choice(statement, "rename_type").removeprefix("OBJECT_")
    name = footprint.world.resolve(written(statement.relation)) if statement.HasField("relation") else None
    if kind == "TYPE":
        _composite(statement, footprint)
    if kind in ("TYPE", "DOMAIN", *_ROUTINES):
        _of_no_table(kind, statement, footprint, lambda old: Name(old.schema, statement.newname))
    if kind == "PUBLICATION":
        _publication(quoted(statement.object.string.sval), quoted(statement.newname), footprint)
    if kind == "SCHEMA":
        footprint.world.tell("put_schema", statement.newname)
        _schema(statement.subname, statement.newname, footprint)
    world = footprint.world
    if name is None or (statement.missing_ok and world.known and not world.exists(name)):
        return
    if footprint.world.index(name) and kind in ("INDEX", "TABLE"):
        _index(name, statement, footprint, _SUE if kind == "INDEX" else _AE)
    elif kind == "INDEX":
        footprint.lock(name, _SUE)
    elif kind == "SEQUENCE" or footprint.world.sequence(name):
        footprint.lock(name, _AE)
        footprint.world.tell("rename_sequence", name, Name(name.schema, statement.newname))
    elif kind in _RELATIONS:
        _relation(statement, footprint)
    elif kind in ("COLUMN", "TABCONSTRAINT", "TRIGGER", "POLICY", "RULE"):
        _part(kind, statement, footprint)
    elif kind == "ATTRIBUTE":
        footprint.lock(name, _AE)
        for table in world.typed(name) if choice(statement, "behavior") == "DROP_CASCADE" else ():
            for member in world.family(table):
                footprint.lock(member, _AE)
                _column(member, statement.subname, statement.newname, footprint)


def _schema(old: str, new: str, footprint: Footprint) -> None:
    """What is in a schema is called otherwise from now on; nothing of it is locked."""
    world = footprint.world
    for change, names in world.names_in(old):
        for name in names:
            world.tell(change, name, Name(new, name.name))


def _publication(old: str, new: str, footprint: Footprint) -> None:
    published = footprint.world.published()
    if old in published:
        footprint.world.tell("publish", new, published[old])
        footprint.world.tell("unpublish", old)


def _of_no_table(kind: str, statement: Any, footprint: Footprint, called: Callable[[Name], Name]) -> None:
    """A type or routine gets the name that `called` makes of its own."""
    world = footprint.world
    if kind not in _ROUTINES:
        words = written_list(statement.object)
        found = world.resolve_type(TypeRef(schema=words.schema, name=words.name))
        if found is not None:
            world.tell("rename_type", found.name, called(found.name))
        return
    for name in {routine.name for routine in world.routines(written_list(statement.object))}:
        world.tell("rename_routines", name, called(name))


_ROUTINES = ("FUNCTION", "PROCEDURE", "ROUTINE")


def _composite(statement: Any, footprint: Footprint) -> None:
    """A composite type has a relation of its own, which is closed."""
    words = written_list(statement.object)
    found = footprint.world.resolve_type(TypeRef(schema=words.schema, name=words.name))
    if found is not None and found.kind == "c":
        footprint.lock(found.name, _AE)


def _index(name: Name, statement: Any, footprint: Footprint, mode: LockMode) -> None:
    footprint.lock(name, mode)
    footprint.world.tell("rename_index", name, Name(name.schema, statement.newname))


def _relation(statement: Any, footprint: Footprint) -> None:
    kinds = {"OBJECT_VIEW": TableKind.VIEW, "OBJECT_MATVIEW": TableKind.MATERIALIZED_VIEW}
    kind = kinds.get(choice(statement, "rename_type"), TableKind.TABLE)
    table = footprint.relation(statement.relation, missing_ok=statement.missing_ok, kind=kind)
    if table is not None:
        footprint.lock(table.name, _AE)
        footprint.rename(table.name, Name(table.name.schema, statement.newname))


def _part(kind: str, statement: Any, footprint: Footprint) -> None:
    table = footprint.relation(statement.relation, missing_ok=statement.missing_ok)
    if table is None:
        return
    world = footprint.world
    footprint.lock(table.name, _AE)
    if kind == "COLUMN":
        for member in world.family(table.name):
            footprint.lock(member, _AE)
            _column(member, statement.subname, statement.newname, footprint)
    elif kind == "TRIGGER":
        for member in world.family(table.name) if table.kind is TableKind.PARTITIONED else (table.name,):
            footprint.lock(member, _AE)
            world.tell("rename_trigger", member, statement.subname, statement.newname)
    elif kind == "POLICY":
        world.tell("rename_policy", table.name, statement.subname, statement.newname)
    elif kind == "TABCONSTRAINT" and (constraint := world.constraint(table.name, statement.subname)):
        if constraint.index and constraint.references is None:
            footprint.lock(constraint.index, _SUE)
        for member in world.family(table.name):
            footprint.lock(member, _AE)
            if member == table.name or constraint.kind is ConstraintKind.CHECK:
                world.tell("rename_constraint", member, constraint.name, statement.newname)


def _column(table: Name, old: str, new: str, footprint: Footprint) -> None:
    world = footprint.world
    found = world.table(table)
    if found is None:
        return
    columns = tuple(replace(column, name=new) if column.name == old else column for column in found.columns)
    world.tell("put_table", replace(found, columns=columns))
    world.tell("call_column", table, old, new)
    for constraint in world.constraints_of(table):
        if old in constraint.columns:
            renamed = tuple(new if column == old else column for column in constraint.columns)
            world.tell("put_constraint", replace(constraint, columns=renamed))
    for index in world.indexes_of(table):
        if old in index.columns or old in index.included:
            keys = tuple(new if column == old else column for column in index.columns)
            included = tuple(new if column == old else column for column in index.included)
            world.tell("put_index", replace(index, columns=keys, included=included))
    for sequence in world.sequences_of(table, old):
        world.tell("put_sequence", replace(sequence, owned_by=f"{table}.{quoted(new)}"), table)


def set_schema(statement: Any, footprint: Footprint) -> None:
    """SET SCHEMA: the relation is closed; its sequences move along."""
    kind = choice(statement, "object_type").removeprefix("OBJECT_")
    if kind == "SEQUENCE":
        name = footprint.world.resolve(written(statement.relation))
        footprint.lock(name, _AE)
        footprint.world.tell("rename_sequence", name, Name(statement.newschema, name.name))
    if kind in ("TYPE", "DOMAIN", *_ROUTINES):
        _of_no_table(kind, statement, footprint, lambda old: Name(statement.newschema, old.name))
    if kind not in _RELATIONS:
        return
    table = footprint.relation(statement.relation, missing_ok=statement.missing_ok)
    if table is None:
        return
    footprint.lock(table.name, _AE)
    for sequence in footprint.world.sequences_of(table.name):
        footprint.lock(sequence.name, _AE)
    footprint.rename(table.name, Name(statement.newschema, table.name.name))


def depend(statement: Any, footprint: Footprint) -> None:
    """DEPENDS ON EXTENSION closes an index, a materialised view, or the table of a trigger."""
    if statement.HasField("relation"):
        name = footprint.world.resolve(written(statement.relation))
        if footprint.world.exists(name) or not footprint.world.known:
            footprint.lock(name, _AE)


def owner(statement: Any, footprint: Footprint) -> None:
    """OWNER TO of what is not a relation (those are ALTER TABLE to the grammar)."""
    if choice(statement, "object_type") == "OBJECT_TYPE":
        _composite(statement, footprint)


def reassign_owned(statement: Any, footprint: Footprint) -> None:
    """REASSIGN OWNED: as OWNER TO for every table of the roles."""
    roles = {node.role_spec.rolename for node in statement.roles}
    footprint.unknown = not footprint.world.known
    for table in tuple(footprint.world.tables()):
        if table.owner in roles:
            footprint.lock(table.name, _AE)
            footprint.lock_indexes(table.name, _AE)
            for sequence in footprint.world.sequences_of(table.name):
                footprint.lock(sequence.name, _AE)


def drop_owned(statement: Any, footprint: Footprint) -> None:
    """DROP OWNED: the tables of the roles go; grants to them go without touching a table."""
    from watari.risk.effects.drop import drop_table

    roles = {node.role_spec.rolename for node in statement.roles}
    footprint.unknown = not footprint.world.known
    for table in tuple(footprint.world.tables()):
        if table.owner in roles and footprint.world.table(table.name):
            drop_table(footprint, table.name, cascades=True)


FORESEES = {
    "alter_object_depends_stmt": depend,
    "rename_stmt": rename,
    "alter_object_schema_stmt": set_schema,
    "alter_owner_stmt": owner,
    "reassign_owned_stmt": reassign_owned,
    "drop_owned_stmt": drop_owned,
}
