"""Values of the catalog made from the trees that define them: what a statement's text says of a column or constraint."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

from watari.catalog import Column, Constraint, ConstraintKind, Name
from watari.catalog.making import quick
from watari.risk.facts.types import Domain
from watari.risk.world import World
from watari.sql import automatic_names
from watari.sql.grammar import TypeRef, choice, column_references, kept, strings, type_of, type_ref, written
from watari.sql.names import constraints_of, index_of_constraint

__all__ = ["column_type", "constraint_value", "domain_of", "new_column", "references_of"]

_column, _constraint = quick(Column), quick(Constraint)

_KINDS = {
    "CONSTR_CHECK": ConstraintKind.CHECK,
    "CONSTR_FOREIGN": ConstraintKind.FOREIGN_KEY,
    "CONSTR_PRIMARY": ConstraintKind.PRIMARY_KEY,
    "CONSTR_UNIQUE": ConstraintKind.UNIQUE,
    "CONSTR_EXCLUSION": ConstraintKind.EXCLUSION,
    "CONSTR_NOTNULL": ConstraintKind.NOT_NULL,
}


_INDEXED = frozenset({ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE, ConstraintKind.EXCLUSION})


def new_column(definition: Any, position: int, parts: Iterable[tuple[str, Any]] | None = None) -> Column:
    """The column that a ColumnDef describes; `parts` where they are at hand."""
    kinds = dict(constraints_of(definition) if parts is None else parts)
    ref = type_ref(definition.type_name)
    generated = kinds.get("CONSTR_GENERATED")
    identity = kinds.get("CONSTR_IDENTITY")
    default = "CONSTR_DEFAULT" in kinds or generated is not None or ref.serial
    return _column(
        name=definition.colname,
        position=position,
        type=str(ref),
        not_null=ref.serial or not _NOT_NULL.isdisjoint(kinds),
        default="" if default else None,
        generated=(generated.generated_kind or "s") if generated is not None else "",
        identity=identity.generated_when if identity is not None else "",
        collation=collation_of(definition),
    )


_NOT_NULL = frozenset({"CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY"})


def collation_of(definition: Any) -> str | None:
    """The collation that a ColumnDef names."""
    return strings(definition.coll_clause.collname)[-1] if definition.HasField("coll_clause") else None


def column_type(column: Column | None) -> TypeRef | None:
    """The type of a column that the catalog knows."""
    return type_of(column.type) if column else None


def domain_of(ref: TypeRef, world: World) -> Domain | None:
    """What is below a domain; None where the type is not one."""
    constrained, base = False, None
    found = world.resolve_type(ref) if not ref.array else None
    while found and found.kind == "d" and found.base:
        constrained = constrained or found.not_null or bool(found.constraints)
        base = type_of(found.base)
        found = world.resolve_type(base) if base and not base.array else None
    return Domain(base=base, constrained=constrained) if base else None


def references_of(constraint: Any, world: World) -> Name:
    """The table that a foreign key's node points at."""
    return world.resolve(written(constraint.pktable))


def constraint_value(
    node: Any,
    table: Name,
    world: World,
    columns: Sequence[str] = (),
    taken: Container[str] | None = None,
    word: str | None = None,
) -> Constraint | None:
    """The constraint that a node describes, under the name that the server would give it; None for NULL and the like.

    `taken` are the names that it cannot have, without them those of the table's other constraints; `word` is the grammar's
    for its kind, where it is at hand.
    """
    kind = _KINDS.get(word or choice(node, "contype"))
    if kind is None:
        return None
    foreign = kind is ConstraintKind.FOREIGN_KEY
    named = tuple(columns) or strings(node.fk_attrs if foreign else node.keys)
    if kind is ConstraintKind.CHECK:
        named = column_references(node.raw_expr)
    used = taken
    if used is None:
        used = () if node.conname else frozenset([c.name for c in world.constraints_of(table)])
    index = index_of_constraint(table.name, node, named, used) if kind in _INDEXED else None
    return _constraint(
        name=node.conname or _automatic_name(kind, table, named, used) or index or "",
        table=table,
        kind=kind,
        definition=_definition(node) if kind is ConstraintKind.CHECK else "",
        columns=named,
        validated=not node.skip_validation,
        enforced=node.is_enforced if kind in (ConstraintKind.CHECK, ConstraintKind.FOREIGN_KEY) else True,
        references=references_of(node, world) if foreign else None,
        referenced_columns=strings(node.pk_attrs) if foreign else (),
        index=Name(table.schema, index) if index else None,
    )


def _automatic_name(kind: ConstraintKind, table: Name, columns: Sequence[str], taken: Container[str]) -> str | None:
    if kind is ConstraintKind.CHECK:
        return automatic_names.check_name(table.name, columns, taken)
    if kind is ConstraintKind.FOREIGN_KEY:
        return automatic_names.foreign_key_name(table.name, columns, taken)
    if kind is ConstraintKind.NOT_NULL and columns:
        return automatic_names.not_null_name(table.name, columns[0], taken)
    return None


def _definition(check: Any) -> str:
    """The text of a CHECK, so that it can be read again as one that the catalog wrote."""
    from postgast import deparse, pg_query_pb2

    tree = pg_query_pb2.ParseResult(version=180000)
    alter = tree.stmts.add().stmt.alter_table_stmt
    alter.relation.relname, alter.relation.relpersistence, alter.relation.inh = "t", "p", True
    alter.objtype = pg_query_pb2.OBJECT_TABLE
    command = alter.cmds.add().alter_table_cmd
    command.subtype, command.behavior = pg_query_pb2.AT_AddConstraint, pg_query_pb2.DROP_RESTRICT
    getattr(command, "def").constraint.CopyFrom(check)
    kept(command).conname = ""
    return str(deparse(tree)).removeprefix("ALTER TABLE t ADD ")
