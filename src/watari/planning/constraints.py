"""Constraints of statements: what they will be called, and what they are, as values."""

from __future__ import annotations

from typing import Any

from watari.catalog import Constraint, ConstraintKind, Name
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed
from watari.sql import automatic_names
from watari.sql.grammar import choice, column_references, strings

__all__ = ["constraint_columns", "constraint_name", "constraint_of", "definition"]

_KINDS = {
    "CONSTR_PRIMARY": ConstraintKind.PRIMARY_KEY,
    "CONSTR_UNIQUE": ConstraintKind.UNIQUE,
    "CONSTR_CHECK": ConstraintKind.CHECK,
    "CONSTR_FOREIGN": ConstraintKind.FOREIGN_KEY,
    "CONSTR_EXCLUSION": ConstraintKind.EXCLUSION,
    "CONSTR_NOTNULL": ConstraintKind.NOT_NULL,
}
_OWN_INDEX = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE, ConstraintKind.EXCLUSION)


def constraint_columns(constraint: Any, column: str | None = None) -> tuple[str, ...]:
    """The columns that a constraint is about; `column` is the one in whose definition it stands."""
    kind = choice(constraint, "contype")
    if kind == "CONSTR_CHECK":
        return column_references(constraint.raw_expr)
    if column is not None:
        return (column,)
    if kind == "CONSTR_FOREIGN":
        return strings(constraint.fk_attrs)
    if kind == "CONSTR_EXCLUSION":
        return tuple(automatic_names.index_column_names([pair.list.items[0] for pair in constraint.exclusions]))
    return strings(constraint.keys)


def constraint_name(table: Name, constraint: Any, scene: Scene, column: str | None = None) -> str:
    """The constraint's name: the one written, else the one that PostgreSQL will choose."""
    if constraint.conname:
        return automatic_names.clipped(constraint.conname)
    if constraint.indexname:
        return str(constraint.indexname)
    columns = constraint_columns(constraint, column)
    taken = scene.taken_by_constraints(table.schema)
    match choice(constraint, "contype"):
        case "CONSTR_PRIMARY":
            return automatic_names.primary_key_name(table.name, taken)
        case "CONSTR_UNIQUE":
            included = strings(constraint.including)
            return automatic_names.unique_name(table.name, [*columns, *included], taken)
        case "CONSTR_EXCLUSION":
            return automatic_names.exclusion_name(table.name, columns, taken)
        case "CONSTR_FOREIGN":
            return automatic_names.foreign_key_name(table.name, columns, scene.constraint_names(table.schema))
        case "CONSTR_NOTNULL":
            return automatic_names.not_null_name(table.name, columns[0], scene.constraint_names(table.schema))
        case _:
            return automatic_names.check_name(table.name, columns, scene.constraint_names(table.schema))


def constraint_of(table: Name, constraint: Any, scene: Scene, column: str | None = None) -> Constraint | None:
    """The constraint as a value; None for what is no constraint of the catalog (defaults, and NOT NULL before 18)."""
    kind = _KINDS.get(choice(constraint, "contype"))
    if kind is None or (kind is ConstraintKind.NOT_NULL and scene.catalog.major < 18):
        return None
    name = constraint_name(table, constraint, scene, column)
    foreign = kind is ConstraintKind.FOREIGN_KEY
    return Constraint(
        name=name,
        table=table,
        kind=kind,
        definition="" if scene.is_created(table) else definition(constraint, column),
        columns=constraint_columns(constraint, column),
        validated=not constraint.skip_validation,
        deferrable=constraint.deferrable,
        deferred=constraint.initdeferred,
        references=scene.name_of(constraint.pktable) if foreign else None,
        referenced_columns=strings(constraint.pk_attrs) if foreign else (),
        index=Name(table.schema, name) if kind in _OWN_INDEX else None,
    )


def definition(constraint: Any, column: str | None = None) -> str:
    """The constraint as it stands after ADD CONSTRAINT and its name."""
    from watari.planning.trees import parsed

    node = copied(parsed("ALTER TABLE t ADD CONSTRAINT c CHECK (true)"))
    own = getattr(node.alter_table_stmt.cmds[0].alter_table_cmd, "def").constraint
    own.CopyFrom(of_table(constraint, column))
    own.conname = "c"
    return deparsed(node).removeprefix("ALTER TABLE t ADD CONSTRAINT c ")


def of_table(constraint: Any, column: str | None = None) -> Any:
    """A copy of the constraint as one of the table, for one that stands in the definition of `column`."""
    own = copied(constraint)
    if column is None:
        return own
    kind = choice(constraint, "contype")
    words = {"CONSTR_FOREIGN": own.fk_attrs, "CONSTR_CHECK": None}.get(kind, own.keys)
    if words is not None and not words:
        words.add().string.sval = column
    return own
