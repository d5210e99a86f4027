"""CREATE TABLE, CREATE FOREIGN TABLE and tables made from a query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from postgast.pg_query_pb2 import Constraint

from watari.catalog import Column, ConstraintKind, Name, Table, TableKind
from watari.locale import Text
from watari.planning.constraints import constraint_of
from watari.planning.kind import Kind, Undo
from watari.planning.naming import TEMPORARY, below
from watari.planning.scene import Scene
from watari.planning.trees import expression, type_text
from watari.sql.compose import composed
from watari.sql.grammar import choice
from watari.values import replace

_CONSTRAINTS = Constraint.DESCRIPTOR.fields_by_name["contype"].enum_type.values_by_name
_NAMED = frozenset(
    _CONSTRAINTS[f"CONSTR_{kind}"].number for kind in ("CHECK", "PRIMARY", "UNIQUE", "EXCLUSION", "FOREIGN")
)

_MAKE = Text(en="create table {name}", ja="テーブル {name} を作成")
_MAKE_VIEW = Text(en="create materialized view {name}", ja="マテリアライズドビュー {name} を作成")


def _plain(node: Any) -> Any:
    """The CREATE TABLE inside CREATE FOREIGN TABLE, or the statement itself."""
    return node.base_stmt if node.DESCRIPTOR.name == "CreateForeignTableStmt" else node


def _name(relation: Any, scene: Scene) -> Name:
    if relation.relpersistence == "t":
        return Name(TEMPORARY, relation.relname)
    return scene.new((*filter(None, [relation.schemaname]), relation.relname))


def _there(node: Any, scene: Scene) -> bool:
    """Whether IF NOT EXISTS finds a relation of that name."""
    return bool(node.if_not_exists) and scene.exists(_name(node.relation, scene))


def _undo(node: Any, scene: Scene) -> Undo:
    inner = _plain(node)
    name = _name(inner.relation, scene)
    if _there(inner, scene) or name.schema == TEMPORARY:
        return ()
    if inner is not node:
        return (composed("DROP FOREIGN TABLE {name}", name=name),)
    return (composed("DROP TABLE {name}", name=name),)


def _happens(node: Any, scene: Scene, text: str) -> None:
    inner = _plain(node)
    if _there(inner, scene):
        return
    name = _name(inner.relation, scene)
    scene.make(name, lambda: _built(name, inner, scene))
    for parent in inner.inh_relations:
        scene.put_below(scene.name_of(parent.range_var), name)
    scene.stories.tell("table", str(name), text)
    for element in inner.table_elts:
        kind = element.WhichOneof("node")
        if kind == "column_def":
            _column_happens(name, element.column_def, scene)
        elif kind == "constraint":
            _constraint_happens(name, element.constraint, scene, None)


def _column_happens(table: Name, column: Any, scene: Scene) -> None:
    scene.expect("column", below(table, column.colname), "present")
    for each in column.constraints:
        _constraint_happens(table, each.constraint, scene, column.colname)


def _constraint_happens(table: Name, constraint: Any, scene: Scene, column: str | None) -> None:
    # that a column of a new table is NOT NULL is said of the column; there are too many to name each
    if constraint.contype in _NAMED:
        made = constraint_of(table, constraint, scene, column)
        if made:
            scene.put_constraint(made)


def _concerns_nobody(node: Any) -> bool:
    """Whether the new table is made of itself alone: no parent, no model, no foreign key."""
    if node.DESCRIPTOR.name != "CreateStmt" or node.inh_relations or node.HasField("partbound"):
        return False
    for element in node.table_elts:
        kind = element.WhichOneof("node")
        if kind == "column_def":
            constraints = [each.constraint for each in element.column_def.constraints]
        elif kind == "constraint":
            constraints = [element.constraint]
        else:
            return False
        if any(choice(constraint, "contype") == "CONSTR_FOREIGN" for constraint in constraints):
            return False
    return True


def _built(name: Name, node: Any, scene: Scene) -> Table:
    """The table as the statement describes it; columns of parents and LIKE are taken over."""
    keys = [c for c in scene.constraints(name).values() if c.kind is ConstraintKind.PRIMARY_KEY]
    required = {column for key in keys for column in key.columns}
    columns = [replace(column, position=n) for n, column in enumerate(_columns(node, scene, required), 1)]
    parents = tuple(scene.name_of(parent.range_var) for parent in node.inh_relations)
    return Table(
        name=name,
        kind=TableKind.PARTITIONED if node.HasField("partspec") else TableKind.TABLE,
        owner="",
        columns=tuple(columns),
        persistence=node.relation.relpersistence or "p",
        parents=parents,
    )


def _columns(node: Any, scene: Scene, required: set[str]) -> Iterator[Column]:
    for parent in node.inh_relations:
        table = scene.table(scene.name_of(parent.range_var))
        yield from table.columns if table else ()
    for element in node.table_elts:
        kind = element.WhichOneof("node")
        if kind == "column_def" and element.column_def.HasField("type_name"):
            yield column_of(element.column_def, not_null=element.column_def.colname in required)
        elif kind == "table_like_clause":
            table = scene.table(scene.name_of(element.table_like_clause.relation))
            yield from table.columns if table else ()


def column_of(node: Any, *, not_null: bool = False) -> Column:
    """A column as CREATE TABLE or ADD COLUMN describes it; its type as written."""
    constraints = {choice(c.constraint, "contype"): c.constraint for c in node.constraints}
    default = constraints.get("CONSTR_DEFAULT")
    generated = constraints.get("CONSTR_GENERATED")
    identity = constraints.get("CONSTR_IDENTITY")
    source = default or generated
    return Column(
        name=node.colname,
        position=0,
        type=type_text(node.type_name),
        not_null=not_null or bool({"CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY"} & constraints.keys()),
        default=expression(source.raw_expr) if source else None,
        generated=(generated.generated_kind or "s") if generated else "",
        identity=identity.generated_when if identity else "",
    )


def _undo_query(node: Any, scene: Scene) -> Undo:
    name = _name(node.into.rel, scene)
    if _there_query(node, scene) or name.schema == TEMPORARY:
        return ()
    if choice(node, "objtype") == "OBJECT_MATVIEW":
        return (composed("DROP MATERIALIZED VIEW {name}", name=name),)
    return (composed("DROP TABLE {name}", name=name),)


def _there_query(node: Any, scene: Scene) -> bool:
    return bool(node.if_not_exists) and scene.exists(_name(node.into.rel, scene))


def _happens_query(node: Any, scene: Scene, text: str) -> None:
    if _there_query(node, scene):
        return
    name = _name(node.into.rel, scene)
    view = choice(node, "objtype") == "OBJECT_MATVIEW"
    kind = TableKind.MATERIALIZED_VIEW if view else TableKind.TABLE
    scene.make(name, Table(name=name, kind=kind, owner=""), "view" if view else "table")
    scene.stories.tell("view" if view else "table", str(name), text)


def _query_words(node: Any) -> Any:
    text = _MAKE_VIEW if choice(node, "objtype") == "OBJECT_MATVIEW" else _MAKE
    return text(name=node.into.rel.relname)


KINDS = (
    Kind(
        nodes=("create_stmt", "create_foreign_table_stmt"),
        words=lambda node: _MAKE(name=_plain(node).relation.relname),
        undo=_undo,
        happens=_happens,
        no_op=lambda node, scene: _there(_plain(node), scene),
        concerns_nobody=_concerns_nobody,
    ),
    Kind(
        nodes=("create_table_as_stmt",),
        words=_query_words,
        undo=_undo_query,
        happens=_happens_query,
        no_op=_there_query,
    ),
)

__all__ = ["KINDS", "column_of"]
