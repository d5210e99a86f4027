"""Constraints: ADD, DROP, VALIDATE."""

from __future__ import annotations

from typing import Any, LiteralString

from watari.catalog import Constraint, ConstraintKind, Index, Name
from watari.locale import Message, Text
from watari.planning import definitions
from watari.planning.constraints import constraint_name, constraint_of
from watari.planning.kind import Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.planning.subcommand import ADD_CONSTRAINT, ADD_INDEX, DROP, MISC, OTHER_CONSTRAINTS, Subcommand
from watari.sql.compose import composed
from watari.sql.grammar import choice
from watari.values import replace

_ADD = Text(en="add {kind}{name}", ja="{kind}{name} を追加")
_NAMED = Text(en=" {name}", ja=" {name}")
_DROP = Text(en="drop constraint {name}", ja="制約 {name} を削除")
_VALIDATE = Text(en="check all rows against constraint {name}", ja="制約 {name} を全行に対して検証")
_WITHOUT_SCAN = Text(en="{add}, for new rows at first", ja="{add}（まず新しい行のみ）")
_KINDS = {
    "CONSTR_FOREIGN": Text(en="foreign key", ja="外部キー"),
    "CONSTR_CHECK": Text(en="check", ja="CHECK 制約"),
    "CONSTR_UNIQUE": Text(en="unique constraint", ja="一意制約"),
    "CONSTR_PRIMARY": Text(en="primary key", ja="主キー"),
    "CONSTR_EXCLUSION": Text(en="exclusion constraint", ja="排他制約"),
    "CONSTR_NOTNULL": Text(en="not-null constraint", ja="NOT NULL 制約"),
}
DROP_CONSTRAINT: LiteralString = "ALTER TABLE {table} DROP CONSTRAINT {name}"


def _node(command: Any) -> Any:
    return getattr(command, "def").constraint


def _add_words(command: Any) -> Message:
    node = _node(command)
    kind = _KINDS[choice(node, "contype")]()
    add = _ADD(kind=kind, name=_NAMED(name=node.conname) if node.conname else "")
    return _WITHOUT_SCAN(add=add) if node.skip_validation else add


def _taken_index(node: Any, table: Name, scene: Scene) -> Index | None:
    """The index that becomes the constraint's own, by USING INDEX."""
    return scene.index(Name(table.schema, node.indexname)) if node.indexname else None


def _undo_add(command: Any, table: Name, scene: Scene) -> Undo:
    node = _node(command)
    drop = composed(DROP_CONSTRAINT, table=table, name=constraint_name(table, node, scene))
    if not node.indexname:
        return (drop,)
    index = _taken_index(node, table, scene)
    return (drop, *definitions.index(index)) if index and index.definition else None


def _add(command: Any, table: Name, scene: Scene) -> None:
    node = _node(command)
    made = constraint_of(table, node, scene)
    if made is None:
        return
    taken = _taken_index(node, table, scene)
    if taken and made.index:
        scene.remove_index(taken.name)
        scene.put_index(replace(taken, name=made.index, constraint=made.name))
        made = replace(made, columns=tuple(column or "" for column in taken.columns))
    scene.put_constraint(made)
    if made.kind in (ConstraintKind.PRIMARY_KEY, ConstraintKind.NOT_NULL):
        _require(made, table, scene)


def _require(constraint: Constraint, table: Name, scene: Scene) -> None:
    """The columns of a primary key hold no NULL."""
    found = scene.table(table)
    if found and constraint.validated:
        columns = tuple(replace(c, not_null=c.not_null or c.name in constraint.columns) for c in found.columns)
        scene.change(replace(found, columns=columns))


def _gone(command: Any, table: Name, scene: Scene) -> bool:
    return bool(command.missing_ok) and scene.table(table) is not None and command.name not in scene.constraints(table)


def _undo_drop(command: Any, table: Name, scene: Scene) -> Undo:
    if _gone(command, table, scene):
        return ()
    found = scene.constraints(table).get(command.name)
    dependants = choice(command, "behavior") == "DROP_CASCADE" and scene.referencing(table)
    if found is None or not found.definition or dependants:
        return None
    return definitions.constraint(found, scene.indexes_of(table))


def _drop(command: Any, table: Name, scene: Scene) -> None:
    if not _gone(command, table, scene):
        scene.remove_constraint(table, command.name)


def _nothing(command: Any, table: Name, scene: Scene) -> Undo:
    return ()


def _validate(command: Any, table: Name, scene: Scene) -> None:
    found = scene.constraints(table).get(command.name)
    if found:
        definition = found.definition.removesuffix(" NOT VALID")
        scene.put_constraint(replace(found, validated=True, definition=definition))
        if found.kind is ConstraintKind.NOT_NULL:
            _require(replace(found, validated=True), table, scene)


def _adding(turn: int, *kinds: str) -> Subcommand:
    keys = tuple(f"AT_AddConstraint.{kind}" for kind in kinds)
    return Subcommand(keys=keys, words=_add_words, turn=turn, undo=_undo_add, happens=_add)


SUBCOMMANDS = (
    _adding(ADD_CONSTRAINT, "CONSTR_CHECK", "CONSTR_NOTNULL"),
    _adding(ADD_INDEX, "CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_EXCLUSION"),
    _adding(OTHER_CONSTRAINTS, "CONSTR_FOREIGN"),
    Subcommand(
        keys=("AT_DropConstraint",),
        words=lambda command: _DROP(name=command.name),
        turn=DROP,
        undo=_undo_drop,
        happens=_drop,
        phase=Phase.CONTRACT,
        no_op=_gone,
    ),
    Subcommand(
        keys=("AT_ValidateConstraint",),
        words=lambda command: _VALIDATE(name=command.name),
        turn=MISC,
        undo=_nothing,
        happens=_validate,
        phase=Phase.MIGRATE,
    ),
)
