"""What a statement takes away for good: tables, columns and rows that are there now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Name
from watari.planning.keeping import holds_rows
from watari.planning.naming import below
from watari.planning.plan import Loss
from watari.planning.scene import Scene
from watari.planning.statements.drop import gone
from watari.planning.trees import words
from watari.sql.grammar import choice

__all__ = ["columns_of_types", "losses_of"]


def losses_of(kind: str, node: Any, scene: Scene, migration: str) -> tuple[Loss, ...]:
    """The losses of one statement, before it happens; what this plan made itself is no loss."""
    match kind:
        case "drop_stmt":
            return tuple(_dropped(node, scene, migration))
        case "alter_table_stmt":
            return tuple(_columns(node, scene, migration))
        case "truncate_stmt":
            tables = [scene.name_of(relation.range_var) for relation in node.relations]
            return tuple(loss for table in tables for loss in _rows(table, scene, migration, everything=True))
        case "update_stmt":
            return tuple(_values(node, scene, migration))
        case "delete_stmt":
            return tuple(_rows(scene.name_of(node.relation), scene, migration, everything=False))
        case _:
            return ()


def _dropped(node: Any, scene: Scene, migration: str) -> Iterator[Loss]:
    kind = choice(node, "remove_type")
    if kind == "OBJECT_SCHEMA" and choice(node, "behavior") == "DROP_CASCADE":
        schemas = {words(object)[-1] for object in node.objects}
        for name in sorted(name for name in scene.catalog.tables if name.schema in schemas):
            yield from _table(name, scene, migration)
    elif kind == "OBJECT_TABLE":
        for object in node.objects:
            if not gone(node, object, scene):
                yield from _table(scene.dotted(words(object)), scene, migration)
    elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN") and choice(node, "behavior") == "DROP_CASCADE":
        for place, rows in columns_of_types(node, scene):
            yield Loss(kind="column", object=place, migration=migration, rows=rows)


def columns_of_types(node: Any, scene: Scene) -> Iterator[tuple[str, int | None]]:
    """The live columns that are of the types which a DROP TYPE names, with the rows in which they hold a value."""
    going = {str(scene.dotted_type(words(object))) for object in node.objects}
    for name in sorted(scene.catalog.tables):
        live = holds_rows(name, scene)
        for column in live.columns if live else ():
            if column.type.removesuffix("[]") in going:
                filled = None if live is None or live.rows is None else live.rows
                yield below(name, column.name), filled


def _table(name: Name, scene: Scene, migration: str) -> Iterator[Loss]:
    if live := holds_rows(name, scene):
        yield Loss(kind="table", object=str(name), migration=migration, rows=live.rows)


def _columns(node: Any, scene: Scene, migration: str) -> Iterator[Loss]:
    name = scene.name_of(node.relation)
    live = holds_rows(name, scene)
    for command in (each.alter_table_cmd for each in node.cmds):
        if live is None or choice(command, "subtype") != "AT_DropColumn":
            continue
        column = live.column(command.name)
        if column and not column.generated:
            filled = None if live.rows is None else round(live.rows * (1 - (column.null_fraction or 0)))
            if filled != 0:
                yield Loss(kind="column", object=below(name, command.name), migration=migration, rows=filled)


def _rows(name: Name, scene: Scene, migration: str, *, everything: bool) -> Iterator[Loss]:
    if live := holds_rows(name, scene):
        yield Loss(kind="rows", object=str(name), migration=migration, rows=live.rows if everything else None)


def _values(node: Any, scene: Scene, migration: str) -> Iterator[Loss]:
    """What an UPDATE writes over: the columns that were there before."""
    name = scene.name_of(node.relation)
    live = holds_rows(name, scene)
    for target in node.target_list:
        if live and live.column(target.res_target.name):
            rows = None if node.HasField("where_clause") else live.rows
            yield Loss(kind="values", object=below(name, target.res_target.name), migration=migration, rows=rows)
