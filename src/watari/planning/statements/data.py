"""Statements on rows: INSERT, UPDATE, DELETE, MERGE, COPY, TRUNCATE.

What they did to rows that were there is taken back by what was copied aside (`watari.planning.kept_rows`), if anything was;
rows that are written out with their key are told by it. Rows in a table of the same migration go with the table, values
in a column of the same migration with the column.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watari.locale import Message, Text
from watari.planning.inserted import undo_insert
from watari.planning.kind import Kind, Undo, contract, migrate
from watari.planning.scene import Scene

_INSERT = Text(en="insert rows into {name}", ja="{name} に行を挿入")
_UPDATE = Text(en="update rows of {name}", ja="{name} の行を更新")
_DELETE = Text(en="delete rows of {name}", ja="{name} の行を削除")
_MERGE = Text(en="merge rows into {name}", ja="{name} に行をマージ")
_COPY = Text(en="copy rows into {name}", ja="{name} に行をコピー")
_COPY_OUT = Text(en="copy rows out", ja="行を書き出し")
_TRUNCATE = Text(en="delete all rows of {name}", ja="{name} の全行を削除")


def _undo(node: Any, scene: Scene) -> Undo:
    return () if scene.made_by_this_migration(scene.name_of(node.relation)) else None


def _undo_insert(node: Any, scene: Scene) -> Undo:
    found = _undo(node, scene)
    return undo_insert(node, scene) if found is None else found


def _undo_update(node: Any, scene: Scene) -> Undo:
    name = scene.name_of(node.relation)
    columns = {target.res_target.name for target in node.target_list}
    return () if columns <= scene.columns_of_this_migration(name) else _undo(node, scene)


def _undo_copy(node: Any, scene: Scene) -> Undo:
    return _undo(node, scene) if node.is_from else ()


def _undo_truncate(node: Any, scene: Scene) -> Undo:
    tables = [scene.name_of(relation.range_var) for relation in node.relations]
    return () if all(map(scene.made_by_this_migration, tables)) else None


def _happens(node: Any, scene: Scene, text: str) -> None:
    scene.written.add(scene.name_of(node.relation))


def _happens_truncate(node: Any, scene: Scene, text: str) -> None:
    scene.written.update(scene.name_of(relation.range_var) for relation in node.relations)


def _words(text: Text) -> Callable[[Any], Message]:
    return lambda node: text(name=node.relation.relname)


KINDS = (
    Kind(nodes=("insert_stmt",), words=_words(_INSERT), undo=_undo_insert, happens=_happens, phase=migrate),
    Kind(nodes=("update_stmt",), words=_words(_UPDATE), undo=_undo_update, happens=_happens, phase=migrate),
    Kind(nodes=("delete_stmt",), words=_words(_DELETE), undo=_undo, happens=_happens, phase=migrate),
    Kind(nodes=("merge_stmt",), words=_words(_MERGE), undo=_undo, happens=_happens, phase=migrate),
    Kind(
        nodes=("copy_stmt",),
        words=lambda node: _COPY(name=node.relation.relname) if node.is_from else _COPY_OUT(),
        undo=_undo_copy,
        happens=_happens,
        phase=migrate,
    ),
    Kind(
        nodes=("truncate_stmt",),
        words=lambda node: _TRUNCATE(name=", ".join(r.range_var.relname for r in node.relations)),
        undo=_undo_truncate,
        happens=_happens_truncate,
        phase=contract,
    ),
)
