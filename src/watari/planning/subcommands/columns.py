"""Columns: ADD, DROP, TYPE, defaults, NOT NULL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, LiteralString

from watari.catalog import Column, Constraint, ConstraintKind, Name
from watari.locale import Message, Text
from watari.planning import definitions
from watari.planning.constraints import constraint_of
from watari.planning.kind import Undo
from watari.planning.naming import below
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.planning.statements.create_table import column_of
from watari.planning.subcommand import (
    ADD_COLUMN,
    COLUMN_ATTRIBUTES,
    DROP,
    MISC,
    OTHER_CONSTRAINTS,
    SET_EXPRESSION,
    TYPE,
    Subcommand,
)
from watari.planning.trees import expression, type_text
from watari.planning.type_back import type_back
from watari.sql.automatic_names import not_null_name
from watari.sql.compose import Raw, composed
from watari.values import replace

_ADD = Text(en="add column {column}", ja="カラム {column} を追加")
_DROP = Text(en="drop column {column}", ja="カラム {column} を削除")
_TYPE = Text(en="change the type of column {column} to {type}", ja="カラム {column} の型を {type} に変更")
_SET_DEFAULT = Text(en="set the default of column {column}", ja="カラム {column} の既定値を設定")
_DROP_DEFAULT = Text(en="drop the default of column {column}", ja="カラム {column} の既定値を削除")
_SET_NOT_NULL = Text(en="require values in column {column}", ja="カラム {column} を NOT NULL に設定")
_DROP_NOT_NULL = Text(en="allow NULL in column {column}", ja="カラム {column} の NOT NULL を解除")
_CHANGE = Text(en="change column {column}", ja="カラム {column} を変更")

SET_NOT_NULL: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"
DROP_NOT_NULL: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"
SET_DEFAULT: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}"
DROP_DEFAULT: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT"


def _definition(command: Any) -> Any:
    return getattr(command, "def").column_def


def _column(command: Any, table: Name, scene: Scene) -> Column | None:
    found = scene.table(table)
    return found.column(command.name) if found else None


# -- ADD COLUMN ---------------------------------------------------------------------------------------------------------


def _there(command: Any, table: Name, scene: Scene) -> bool:
    found = scene.table(table)
    return bool(command.missing_ok and found and found.column(_definition(command).colname))


def _undo_add(command: Any, table: Name, scene: Scene) -> Undo:
    if _there(command, table, scene):
        return ()
    return (composed("ALTER TABLE {table} DROP COLUMN {column}", table=table, column=_definition(command).colname),)


def _add(command: Any, table: Name, scene: Scene) -> None:
    if _there(command, table, scene):
        return
    node, found = _definition(command), scene.table(table)
    if found:
        position = max((column.position for column in found.columns), default=0) + 1
        column = replace(column_of(node), position=position)
        scene.change(replace(found, columns=(*found.columns, column)))
    scene.add_column(table, node.colname)
    for each in node.constraints:
        made = constraint_of(table, each.constraint, scene, node.colname)
        if made:
            scene.put_constraint(made)


# -- DROP COLUMN --------------------------------------------------------------------------------------------------------


def _gone(command: Any, table: Name, scene: Scene) -> bool:
    found = scene.table(table)
    return bool(command.missing_ok and found and not found.column(command.name))


def _undo_drop(command: Any, table: Name, scene: Scene) -> Undo:
    found, column = scene.table(table), _column(command, table, scene)
    if _gone(command, table, scene):
        return ()
    live = scene.live(table)
    holds_values = live and live.column(command.name) and live.pages > 0
    if found is None or column is None or holds_values:
        return None
    add = composed("ALTER TABLE {table} ADD COLUMN {column}", table=table, column=Raw(definitions.column(column)))
    constraints = _constraints_on(command.name, table, scene)
    if not all(c.definition for c in constraints):
        return None
    again = [s for c in constraints for s in definitions.constraint(c, scene.indexes_of(table))]
    indexes = [i for i in scene.indexes_of(table) if command.name in (*i.columns, *i.included) and not i.constraint]
    if not all(i.definition for i in indexes):
        return None
    extras = definitions.column_extras(table, column)
    return (add, *again, *(s for i in indexes for s in definitions.index(i)), *extras)


def _constraints_on(column: str, table: Name, scene: Scene) -> list[Constraint]:
    kept = (c for c in scene.constraints(table).values() if c.kind is not ConstraintKind.NOT_NULL)
    return [c for c in kept if column in c.columns]


def _drop(command: Any, table: Name, scene: Scene) -> None:
    found = scene.table(table)
    if found is None or _gone(command, table, scene):
        return
    for constraint in [c for c in scene.constraints(table).values() if command.name in c.columns]:
        scene.remove_constraint(table, constraint.name)
    for index in scene.indexes_of(table):
        if command.name in (*index.columns, *index.included):
            scene.remove_index(index.name)
    scene.change(replace(found, columns=tuple(c for c in found.columns if c.name != command.name)))
    scene.expect("column", below(table, command.name), "absent")


# -- ALTER COLUMN -------------------------------------------------------------------------------------------------------


def _undo_type(command: Any, table: Name, scene: Scene) -> Undo:
    column = _column(command, table, scene)
    found = scene.table(table)
    return type_back(found, column, _definition(command), scene) if found and column else None


def _undo_default(command: Any, table: Name, scene: Scene) -> Undo:
    column = _column(command, table, scene)
    if column is None:
        return None
    if column.default is None:
        return (composed(DROP_DEFAULT, table=table, column=command.name),)
    return (composed(SET_DEFAULT, table=table, column=command.name, default=Raw(column.default)),)


def _undo_not_null(required: bool) -> Callable[[Any, Name, Scene], Undo]:
    """The undo of SET NOT NULL (`required`) or DROP NOT NULL; nothing where the column was so already."""

    def undo(command: Any, table: Name, scene: Scene) -> Undo:
        column = _column(command, table, scene)
        if column is None:
            return None
        if column.not_null is required:
            return ()
        return (composed(DROP_NOT_NULL if required else SET_NOT_NULL, table=table, column=command.name),)

    return undo


def _changed(change: Callable[[Column, Any], Column]) -> Callable[[Any, Name, Scene], None]:
    def happens(command: Any, table: Name, scene: Scene) -> None:
        found, column = scene.table(table), _column(command, table, scene)
        if found and column:
            new = change(column, command)
            scene.change(replace(found, columns=tuple(new if c is column else c for c in found.columns)))

    return happens


def _with_type(column: Column, command: Any) -> Column:
    return replace(column, type=type_text(_definition(command).type_name), collation=None)


def _with_default(column: Column, command: Any) -> Column:
    return replace(column, default=expression(getattr(command, "def")) if command.HasField("def") else None)


def _set_not_null(command: Any, table: Name, scene: Scene) -> None:
    column = _column(command, table, scene)
    if scene.catalog.major >= 18 and not (column and column.not_null):
        name = not_null_name(table.name, command.name, scene.constraint_names(table.schema))
        definition = composed("NOT NULL {column}", column=command.name)
        scene.put_constraint(
            Constraint(
                name=name, table=table, kind=ConstraintKind.NOT_NULL, definition=definition, columns=(command.name,)
            )
        )
    _changed(lambda found, _: replace(found, not_null=True))(command, table, scene)


def _drop_not_null(command: Any, table: Name, scene: Scene) -> None:
    for constraint in list(scene.constraints(table).values()):
        if constraint.kind is ConstraintKind.NOT_NULL and constraint.columns == (command.name,):
            scene.remove_constraint(table, constraint.name)
    _changed(lambda found, _: replace(found, not_null=False))(command, table, scene)


def _undo_statistics(command: Any, table: Name, scene: Scene) -> Undo:
    column = _column(command, table, scene)
    if column is None or not command.name:
        return None
    old = -1 if column.statistics_target is None else column.statistics_target
    template: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {old}"
    return (composed(template, table=table, column=command.name, old=old),)


def _undo_add_identity(command: Any, table: Name, scene: Scene) -> Undo:
    return (composed("ALTER TABLE {table} ALTER COLUMN {column} DROP IDENTITY", table=table, column=command.name),)


def _undo_expression(command: Any, table: Name, scene: Scene) -> Undo:
    column = _column(command, table, scene)
    if column is None or column.default is None:
        return None
    template: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} SET EXPRESSION AS ({old})"
    return (composed(template, table=table, column=command.name, old=Raw(column.default)),)


def _default_words(command: Any) -> Message:
    return (_SET_DEFAULT if command.HasField("def") else _DROP_DEFAULT)(column=command.name)


def _default_turn(command: Any) -> int:
    return OTHER_CONSTRAINTS if command.HasField("def") else DROP


SUBCOMMANDS = (
    Subcommand(
        keys=("AT_AddColumn",),
        words=lambda command: _ADD(column=_definition(command).colname),
        turn=ADD_COLUMN,
        undo=_undo_add,
        happens=_add,
        no_op=_there,
    ),
    Subcommand(
        keys=("AT_DropColumn",),
        words=lambda command: _DROP(column=command.name),
        turn=DROP,
        undo=_undo_drop,
        happens=_drop,
        phase=Phase.CONTRACT,
        no_op=_gone,
    ),
    Subcommand(
        keys=("AT_AlterColumnType",),
        words=lambda command: _TYPE(column=command.name, type=type_text(_definition(command).type_name)),
        turn=TYPE,
        undo=_undo_type,
        happens=_changed(_with_type),
        phase=Phase.MIGRATE,
    ),
    Subcommand(
        keys=("AT_ColumnDefault",),
        words=_default_words,
        turn=OTHER_CONSTRAINTS,
        turn_of=_default_turn,
        undo=_undo_default,
        happens=_changed(_with_default),
    ),
    Subcommand(
        keys=("AT_SetNotNull",),
        words=lambda command: _SET_NOT_NULL(column=command.name),
        turn=COLUMN_ATTRIBUTES,
        undo=_undo_not_null(True),
        happens=_set_not_null,
        phase=Phase.MIGRATE,
    ),
    Subcommand(
        keys=("AT_DropNotNull",),
        words=lambda command: _DROP_NOT_NULL(column=command.name),
        turn=DROP,
        undo=_undo_not_null(False),
        happens=_drop_not_null,
    ),
    Subcommand(
        keys=("AT_SetStatistics",),
        words=lambda command: _CHANGE(column=command.name),
        turn=MISC,
        undo=_undo_statistics,
    ),
    Subcommand(
        keys=("AT_AddIdentity",),
        words=lambda command: _CHANGE(column=command.name),
        turn=OTHER_CONSTRAINTS,
        undo=_undo_add_identity,
        happens=_changed(lambda column, command: replace(column, identity="d")),
    ),
    Subcommand(
        keys=("AT_SetExpression",),
        words=lambda command: _CHANGE(column=command.name),
        turn=SET_EXPRESSION,
        undo=_undo_expression,
        phase=Phase.MIGRATE,
    ),
)
