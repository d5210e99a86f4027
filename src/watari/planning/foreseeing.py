"""What is known of pieces before they become steps: their effects, and whether the drops that were put off may wait longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watari.catalog import Catalog
from watari.planning.group import Entry, all_back
from watari.planning.merging import merged
from watari.planning.rewrite import Piece
from watari.planning.scene import Scene
from watari.planning.statements.create_index import name_of
from watari.sql.grammar import choice
from watari.sql.statement import Statement
from watari.values import replace

__all__ = ["PutOff", "foreseen", "indifferent", "with_drops"]

#: Drops of indexes that wait for their successors, with the statement of each.
PutOff = list[tuple[tuple[Piece, ...], Statement]]


def foreseen(made: tuple[Piece, ...], before: Catalog, scene: Scene, sent: Sequence[str] = ()) -> tuple[Piece, ...]:
    """The pieces with their effects, each predicted as what follows `sent` and the pieces before it."""
    texts = [*sent, *(text for piece in made for text in piece.sql)]
    statements = [Statement(text=text, file="watari") for text in texts]
    found = iter(scene.predict(statements, before, scene.created)[len(sent) :])
    told = []
    for piece in made:
        effects = merged(effect for _ in piece.sql for effect in next(found).effects)
        told.append(piece if piece.effects is not None else replace(piece, effects=effects))
    return tuple(told)


def indifferent(kind: str, node: Any, put_off: PutOff, scene: Scene) -> bool:
    """Whether the statement leaves the indexes alone whose drop was put off: one that makes or drops another index."""
    if kind == "drop_stmt":
        return choice(node, "remove_type") == "OBJECT_INDEX"
    dropped = {piece.settle.relation for made, _ in put_off for piece in made if piece.settle}
    return kind == "index_stmt" and str(name_of(node, scene)) not in dropped


def with_drops(piece: Piece, dropped: Sequence[Entry]) -> Piece:
    """The piece that makes a key, in one transaction with the drop of the keys that it replaces."""
    undo = all_back([*(entry.undo for entry in dropped), piece.undo])
    return replace(piece, sql=(*(entry.statement.text for entry in dropped), *piece.sql), undo=undo)
