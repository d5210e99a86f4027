"""COMMENT ON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watari.catalog import Name
from watari.locale import Text
from watari.planning.kind import Kind, Undo
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed, words
from watari.sql.grammar import choice

_COMMENT = Text(en="comment on {name}", ja="{name} にコメントを付与")


def _of_table(parts: tuple[str, ...], scene: Scene) -> str | None:
    found = scene.table(scene.dotted(parts))
    return found.comment if found else None


def _of_column(parts: tuple[str, ...], scene: Scene) -> str | None:
    found = scene.table(scene.dotted(parts[:-1]))
    column = found.column(parts[-1]) if found else None
    return column.comment if column else None


def _of_index(parts: tuple[str, ...], scene: Scene) -> str | None:
    found = scene.index(scene.dotted(parts))
    return found.comment if found else None


def _of_constraint(parts: tuple[str, ...], scene: Scene) -> str | None:
    found = scene.constraints(scene.dotted(parts[:-1])).get(parts[-1])
    return found.comment if found else None


def _of_type(parts: tuple[str, ...], scene: Scene) -> str | None:
    found = scene.catalog.types.get(scene.dotted_type(parts))
    return found.comment if found else None


def _of_sequence(parts: tuple[str, ...], scene: Scene) -> str | None:
    found = scene.catalog.sequences.get(scene.dotted(parts))
    return found.comment if found else None


def _of_schema(parts: tuple[str, ...], scene: Scene) -> str | None:
    found = scene.catalog.namespaces.get(parts[-1])
    return found.comment if found else None


def _of_trigger(parts: tuple[str, ...], scene: Scene) -> str | None:
    table = scene.dotted(parts[:-1])
    return next((t.comment for t in scene.triggers_of(table) if t.name == parts[-1]), None)


_OLD: dict[str, Callable[[tuple[str, ...], Scene], str | None]] = {
    "OBJECT_TABLE": _of_table,
    "OBJECT_VIEW": _of_table,
    "OBJECT_MATVIEW": _of_table,
    "OBJECT_FOREIGN_TABLE": _of_table,
    "OBJECT_COLUMN": _of_column,
    "OBJECT_INDEX": _of_index,
    "OBJECT_TABCONSTRAINT": _of_constraint,
    "OBJECT_TYPE": _of_type,
    "OBJECT_DOMAIN": _of_type,
    "OBJECT_SEQUENCE": _of_sequence,
    "OBJECT_SCHEMA": _of_schema,
    "OBJECT_TRIGGER": _of_trigger,
}


def _undo(node: Any, scene: Scene) -> Undo:
    """The comment that was there before; of kinds whose comment the catalog does not hold, none."""
    find = _OLD.get(choice(node, "objtype"))
    old = find(words(node.object), scene) if find else None
    whole = copied(parsed("COMMENT ON TABLE t IS NULL"))
    whole.comment_stmt.CopyFrom(node)
    whole.comment_stmt.comment = old or ""
    return (deparsed(whole),)


def _happens(node: Any, scene: Scene, text: str) -> None:
    kind, parts = choice(node, "objtype"), words(node.object)
    if kind in ("OBJECT_TABLE", "OBJECT_COLUMN"):
        table: Name = scene.dotted(parts if kind == "OBJECT_TABLE" else parts[:-1])
        scene.stories.tell_if_known("table", str(table), text)


KINDS = (
    Kind(
        nodes=("comment_stmt",),
        words=lambda node: _COMMENT(name=".".join(words(node.object))),
        undo=_undo,
        happens=_happens,
    ),
)
