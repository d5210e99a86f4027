"""DROP INDEX without stopping anyone: CONCURRENTLY, one index a step.

Source: reference recipe R11; documentation, "DROP INDEX".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Index, TableKind
from watari.planning import definitions
from watari.planning.plan import Note, Phase, Settle, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.planning.trees import words
from watari.sql.compose import composed
from watari.sql.grammar import choice

_PARTITIONED = Note(
    en="The index belongs to a partitioned table, where PostgreSQL drops no index concurrently.",
    ja="パーティションテーブルのインデックスは CONCURRENTLY で削除できません。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node = part.node
    if choice(node, "remove_type") != "OBJECT_INDEX" or node.concurrent or choice(node, "behavior") == "DROP_CASCADE":
        return None
    found = list(_indexes(node, scene))
    if not any(index and scene.is_large(index.table) for index in found):
        return None
    if any(index is None and not node.missing_ok for index in found) or any(i and i.constraint for i in found):
        return None  # the server has an error for this
    there = [index for index in found if index]
    if any(index.parent or _partitioned(index, scene) for index in there):
        return Left(note=_PARTITIONED)
    return tuple(_piece(index) for index in there)


def _indexes(node: Any, scene: Scene) -> Iterator[Index | None]:
    return (scene.index(scene.dotted(words(object))) for object in node.objects)


def _partitioned(index: Index, scene: Scene) -> bool:
    table = scene.table(index.table)
    return table is not None and table.kind is TableKind.PARTITIONED


def _piece(index: Index) -> Piece:
    return Piece(
        sql=(composed("DROP INDEX CONCURRENTLY {name}", name=index.name),),
        kind=StepKind.CONCURRENT,
        phase=Phase.CONTRACT,
        undo=definitions.index(index) if index.definition else None,
        settle=Settle(kind="index_absent", relation=str(index.name), table=str(index.table)),
    )


FORM = Form(name="concurrent-drop", policy="index", keys=("drop_stmt",), rewrite=_rewrite)
