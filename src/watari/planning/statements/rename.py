"""ALTER … RENAME and ALTER … SET SCHEMA: renamed back, moved back."""

from __future__ import annotations

from typing import Any

from watari.catalog import Name
from watari.locale import Text
from watari.planning.kind import Kind, Undo
from watari.planning.naming import below
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed, words
from watari.sql.grammar import choice
from watari.values import replace

_RENAME = Text(en="rename {old} to {new}", ja="{old} を {new} に改名")
_MOVE = Text(en="move {name} to schema {schema}", ja="{name} をスキーマ {schema} に移動")

_TABLES = {
    "OBJECT_TABLE": "table",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "view",
    "OBJECT_FOREIGN_TABLE": "table",
}
#: Parts of a table, whose old name is in `subname` and whose table keeps its own.
_PARTS = ("OBJECT_COLUMN", "OBJECT_ATTRIBUTE", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE")


def _undo(node: Any, scene: Scene) -> Undo:
    """The same statement with both names exchanged."""
    if node.missing_ok and not scene.exists(scene.name_of(node.relation)):
        return ()
    whole = copied(parsed("ALTER TABLE t RENAME TO u"))
    back = whole.rename_stmt
    back.CopyFrom(node)
    kind = choice(node, "rename_type")
    if node.HasField("relation"):
        name = scene.name_of(node.relation)
        back.relation.schemaname, back.relation.relname = name.schema, name.name
    if node.subname:
        back.subname, back.newname = node.newname, node.subname
    elif node.HasField("relation"):
        back.relation.relname, back.newname = node.newname, node.relation.relname
    elif not _exchange(back.object, back):
        return None
    if kind == "OBJECT_DOMCONSTRAINT" and not node.subname:
        return None
    return (deparsed(whole),)


def _exchange(object: Any, back: Any) -> bool:
    """Exchanges the last word of the object's name with the new name."""
    held = object.WhichOneof("node")
    if held == "list":
        last = object.list.items[-1].string
    elif held == "object_with_args":
        last = object.object_with_args.objname[-1].string
    elif held == "string":
        last = object.string
    else:
        return False
    last.sval, back.newname = back.newname, last.sval
    return True


def _happens(node: Any, scene: Scene, text: str) -> None:
    kind = choice(node, "rename_type")
    if not node.HasField("relation"):
        _type_happens(node, kind, scene)
        return
    name = scene.name_of(node.relation)
    if not scene.exists(name):
        return
    new = Name(name.schema, node.newname)
    if kind in _TABLES:
        scene.rename(name, new, _TABLES[kind])
        scene.stories.tell_if_known(_TABLES[kind], str(new), text)
    elif kind in _PARTS:
        scene.stories.tell_if_known("table", str(name), text)
        _part_happens(kind, name, node, scene)
    elif kind == "OBJECT_INDEX" and (index := scene.index(name)):
        scene.remove_index(name)
        scene.put_index(replace(index, name=new, definition=_under_name(index.definition, node.newname)))
    elif kind == "OBJECT_SEQUENCE":
        scene.remove_other(name, "sequence")
        scene.make_other(new, "sequence")


def _under_name(definition: str, name: str) -> str:
    if not definition:
        return ""
    whole = copied(parsed(definition))
    whole.index_stmt.idxname = name
    return deparsed(whole)


def _type_happens(node: Any, kind: str, scene: Scene) -> None:
    if kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        old = scene.dotted_type(words(node.object))
        scene.remove_other(old, "type")
        scene.make_other(Name(old.schema, node.newname), "type")


def _part_happens(kind: str, table: Name, node: Any, scene: Scene) -> None:
    if kind == "OBJECT_COLUMN":
        _column_happens(table, node.subname, node.newname, scene)
    elif kind == "OBJECT_TABCONSTRAINT" and (found := scene.constraints(table).get(node.subname)):
        index = scene.index(found.index) if found.index else None
        scene.remove_constraint(table, node.subname)
        moved = Name(table.schema, node.newname) if found.index else None
        if index and moved:
            scene.put_index(replace(index, name=moved, constraint=node.newname))
        scene.put_constraint(replace(found, name=node.newname, index=moved))


def _column_happens(table: Name, old: str, new: str, scene: Scene) -> None:
    found = scene.table(table)
    if found is None:
        return

    def names(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if column == old else column for column in columns)

    columns = tuple(replace(c, name=new) if c.name == old else c for c in found.columns)
    scene.change(replace(found, columns=columns))
    for constraint in list(scene.constraints(table).values()):
        if old in constraint.columns:
            # the server writes definitions from the columns' present names; this text is as old as the catalog
            scene.put_constraint(replace(constraint, columns=names(constraint.columns), definition=""))
    for index in scene.indexes_of(table):
        if old in (*index.columns, *index.included):
            keys = tuple(new if column == old else column for column in index.columns)
            scene.put_index(replace(index, columns=keys, included=names(index.included), definition=""))
    scene.expect("column", below(table, old), "absent")
    scene.expect("column", below(table, new), "present")


def _words(node: Any) -> Any:
    old = node.subname or node.relation.relname or ".".join(words(node.object))
    return _RENAME(old=old, new=node.newname)


def _undo_move(node: Any, scene: Scene) -> Undo:
    if not node.HasField("relation"):
        return None
    if node.missing_ok and not scene.exists(scene.name_of(node.relation)):
        return ()
    whole = copied(parsed("ALTER TABLE t SET SCHEMA s"))
    back = whole.alter_object_schema_stmt
    back.CopyFrom(node)
    back.relation.schemaname, back.newschema = node.newschema, scene.name_of(node.relation).schema
    return (deparsed(whole),)


def _move_happens(node: Any, scene: Scene, text: str) -> None:
    kind = _TABLES.get(choice(node, "object_type"))
    if kind and node.HasField("relation"):
        name = scene.name_of(node.relation)
        scene.rename(name, Name(node.newschema, name.name), kind)


def _move_words(node: Any) -> Any:
    return _MOVE(name=node.relation.relname or ".".join(words(node.object)), schema=node.newschema)


KINDS = (
    Kind(
        nodes=("rename_stmt",),
        words=_words,
        undo=_undo,
        happens=_happens,
        phase=lambda node, scene: Phase.CONTRACT,
    ),
    Kind(
        nodes=("alter_object_schema_stmt",),
        words=_move_words,
        undo=_undo_move,
        happens=_move_happens,
        phase=lambda node, scene: Phase.CONTRACT,
    ),
)
