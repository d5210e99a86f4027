"""CREATE VIEW, with or without OR REPLACE."""

from __future__ import annotations

from typing import Any

from watari.catalog import Table, TableKind
from watari.locale import Text
from watari.planning import definitions
from watari.planning.kind import Kind, Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.sql.compose import composed

_MAKE = Text(en="create view {name}", ja="ビュー {name} を作成")
_REPLACE = Text(en="create or replace view {name}", ja="ビュー {name} を作成または置換")


def _undo(node: Any, scene: Scene) -> Undo:
    name = scene.name_of(node.view)
    if node.view.relpersistence == "t":
        return ()
    drop = composed("DROP VIEW {name}", name=name)
    if not (node.replace and scene.exists(name)):
        return (drop,)
    if story := scene.stories.of("view", str(name)):
        return (drop, *story)
    # a view loses columns only by being made again
    old = scene.live(name)
    return (drop, *definitions.view(old)) if old and old.definition else None


def _happens(node: Any, scene: Scene, text: str) -> None:
    if node.view.relpersistence == "t":
        return
    name = scene.name_of(node.view)
    if node.replace and scene.exists(name):
        scene.stories.tell_if_known("view", str(name), text)
        scene.expect("view", str(name), "present")
        return
    scene.make(name, Table(name=name, kind=TableKind.VIEW, owner=""), "view")
    scene.stories.tell("view", str(name), text)


def _phase(node: Any, scene: Scene) -> Phase:
    return Phase.MIGRATE if node.replace and scene.exists(scene.name_of(node.view)) else Phase.EXPAND


KINDS = (
    Kind(
        nodes=("view_stmt",),
        words=lambda node: (_REPLACE if node.replace else _MAKE)(name=node.view.relname),
        undo=_undo,
        happens=_happens,
        phase=_phase,
    ),
)
