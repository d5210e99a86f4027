"""CREATE TABLE: nobody waits for what is new, but the tables that it references, inherits from or is a partition of are locked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from watari.catalog import Column, ConstraintKind, LockMode, Name, Table, TableKind
from watari.risk.calls import look_at_sequences
from watari.risk.footprint import Footprint
from watari.risk.keys import index_behind, lock_referenced
from watari.risk.partitions import lock_for_bound
from watari.risk.shapes import constraint_value, new_column
from watari.risk.world import TEMPORARY, World
from watari.sql.grammar import Written, choice, strings, written
from watari.sql.names import Part, created_by, table_parts

_DEFAULT = "DEFAULT"


def create_table(statement: Any, footprint: Footprint) -> None:
    """The new table, with everything that its text brings along."""
    world = footprint.world
    name = _new_name(statement.relation, world)
    if statement.if_not_exists and world.table(name):
        return
    parents = tuple(parent for node in statement.inh_relations if (parent := footprint.relation(node.range_var)))
    divided = statement.HasField("partbound")
    for parent in parents:
        mode = LockMode.ACCESS_EXCLUSIVE if divided else LockMode.SHARE_UPDATE_EXCLUSIVE
        footprint.lock(parent.name, mode)
        for key in world.constraints_of(parent.name, ConstraintKind.FOREIGN_KEY) if divided else ():
            for referenced in world.family(key.references) if key.references else ():
                footprint.lock(referenced, LockMode.SHARE_ROW_EXCLUSIVE)
        if divided and not statement.partbound.is_default:
            lock_for_bound(footprint, parent.name, statement.partbound)
    parts = table_parts(statement)
    _create(statement, name, parents, parts, footprint)
    _constrain(statement, name, parts, footprint)


def _new_name(range_var: Any, world: World) -> Name:
    if range_var.relpersistence == "t":
        return Name(TEMPORARY, range_var.relname)
    return Name(range_var.schemaname or next(iter(world.search_path), "public"), range_var.relname)


def _create(
    statement: Any, name: Name, parents: tuple[Table, ...], parts: Sequence[Part], footprint: Footprint
) -> None:
    world = footprint.world
    columns: dict[str, Column] = {column.name: column for parent in parents for column in parent.columns}
    for kind, inner, own in parts:
        if kind == "column_def":
            columns[inner.colname] = new_column(inner, len(columns) + 1, own)
            for word, constraint in own:
                if word == "CONSTR_DEFAULT":
                    look_at_sequences(constraint.raw_expr, footprint)
        elif kind == "table_like_clause" and (source := footprint.relation(inner.relation)):
            footprint.lock(source.name, LockMode.ACCESS_SHARE)
            columns.update({column.name: column for column in source.columns})
    bound = statement.partbound if statement.HasField("partbound") else None
    of_type = world.type_named(statement.of_typename) if statement.HasField("of_typename") else None
    table = Table(
        name=name,
        kind=TableKind.PARTITIONED if statement.HasField("partspec") else TableKind.TABLE,
        owner="",
        columns=tuple(columns.values()),
        persistence=statement.relation.relpersistence or "p",
        parents=tuple(parent.name for parent in parents),
        partition_bound=_DEFAULT if bound is not None and bound.is_default else "" if bound is not None else None,
        partition_key=_partition_key(statement),
        of_type=of_type,
        rows=0,
    )
    world.tell("create", *created_by("create_stmt", statement, (name.schema,), parts=parts), name)
    world.tell("put_table", table)


def _partition_key(statement: Any) -> str | None:
    if not statement.HasField("partspec"):
        return None
    spec = statement.partspec
    names = [node.partition_elem.name or "(expression)" for node in spec.part_params]
    return choice(spec, "strategy").removeprefix("PARTITION_STRATEGY_") + " (" + ", ".join(names) + ")"


def _constraints(statement: Any, parts: Sequence[Part]) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    for kind, inner, own in parts:
        if kind == "constraint":
            yield choice(inner, "contype"), inner, strings(inner.keys)
        for word, constraint in own:
            yield word, constraint, (inner.colname,)
    for node in statement.constraints:
        yield choice(node.constraint, "contype"), node.constraint, strings(node.constraint.keys)


def _constrain(statement: Any, table: Name, parts: Sequence[Part], footprint: Footprint) -> None:
    """The constraints of a new table, told all at once."""
    world, names = footprint.world, set[str]()
    constraints, indexes = [], []
    for word, constraint, columns in _constraints(statement, parts):
        if word == "CONSTR_FOREIGN":
            lock_referenced(footprint, constraint)
        named = columns if word != "CONSTR_FOREIGN" or not constraint.fk_attrs else ()
        value = constraint_value(constraint, table, world, named, names, word)
        if value is not None:
            names.add(value.name)
            constraints.append(value)
            if value.index:
                indexes.append(index_behind(value, value.index))
    if indexes:
        world.tell("create", *(index.name for index in indexes))
    if constraints:
        world.tell("constrain", table, tuple(constraints), tuple(indexes))


def create_foreign_table(statement: Any, footprint: Footprint) -> None:
    """CREATE FOREIGN TABLE."""
    create_table(statement.base_stmt, footprint)


def create_schema(statement: Any, footprint: Footprint) -> None:
    """CREATE SCHEMA, with the elements that it may hold."""
    footprint.world.tell("put_schema", statement.schemaname or statement.authrole.rolename)
    if not statement.schema_elts:
        return
    before = footprint.world.search_path
    from watari.risk.effects.foresight import foresee_node

    footprint.world.tell("set_path", (statement.schemaname, *before))
    for element in statement.schema_elts:
        foresee_node(element, footprint)
    footprint.world.tell("set_path", before)


def create_sequence(statement: Any, footprint: Footprint) -> None:
    """CREATE SEQUENCE."""
    world = footprint.world
    name = _new_name(statement.sequence, world)
    if not (statement.if_not_exists and world.sequence(name)):
        world.tell("create", name)
        _look_at_owner(statement, footprint)


def create_type(statement: Any, footprint: Footprint) -> None:
    """CREATE TYPE … AS (…)."""
    footprint.world.tell("create", footprint.world.resolve(written(statement.typevar)))


def alter_sequence(statement: Any, footprint: Footprint) -> None:
    """ALTER SEQUENCE: nextval waits for a moment; the table of OWNED BY is looked at."""
    world = footprint.world
    name = world.resolve(written(statement.sequence))
    if statement.missing_ok and world.known and world.sequence(name) is None and not world.is_new(name):
        return
    footprint.lock(name, LockMode.SHARE_ROW_EXCLUSIVE)
    _look_at_owner(statement, footprint)


def _look_at_owner(statement: Any, footprint: Footprint) -> None:
    for option in statement.options:
        words = strings(option.def_elem.arg.list.items)
        if option.def_elem.defname == "owned_by" and len(words) > 1:
            schema = words[-3] if len(words) > 2 else None
            owner = footprint.named(Written(schema, words[-2]))
            if owner:
                footprint.lock(owner.name, LockMode.ACCESS_SHARE)


FORESEES = {
    "create_stmt": create_table,
    "create_foreign_table_stmt": create_foreign_table,
    "create_schema_stmt": create_schema,
    "create_seq_stmt": create_sequence,
    "composite_type_stmt": create_type,
    "alter_seq_stmt": alter_sequence,
}
