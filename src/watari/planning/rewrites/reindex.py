"""REINDEX while readers and writers go on: CONCURRENTLY, one table a step.

Of a partitioned table each partition by itself, since the concurrent form stops the writers of all of them for a moment. Source:
documentation, "REINDEX"; measured on 15 and 18.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import ConstraintKind, Index, Name
from watari.planning.partitions import leaves
from watari.planning.plan import Note, Phase, Settle, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, option_words

_EXCLUSION = Note(
    en="PostgreSQL builds no index of an exclusion constraint anew concurrently: the table is closed to writers meanwhile.",
    ja="排他制約のインデックスは CONCURRENTLY で再構築できないため、その間は書き込みが待たされます。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    words = option_words(part.node.params)
    if words.get("concurrently", "false") in ("true", "on", "1", "yes"):
        return None
    kind = choice(part.node, "kind")
    if kind == "REINDEX_OBJECT_TABLE":
        tables = [leaf.name for leaf in leaves(part.table, scene)] or [part.table]
        if not any(map(scene.is_large, tables)):
            return None
        if any(_excludes(table, scene) for table in tables):
            return Left(note=_EXCLUSION)
        return tuple(_piece("TABLE", table, table, words) for table in tables)
    if kind != "REINDEX_OBJECT_INDEX":
        return None
    found = scene.index(part.table)
    if found is None or not scene.is_large(found.table):
        return None
    own = tuple(_of_leaves(found, scene))
    if any(_is_exclusion(index, scene) for index in own):
        return Left(note=_EXCLUSION)
    return tuple(_piece("INDEX", index.name, index.table, words) for index in own)


def _of_leaves(index: Index, scene: Scene) -> Iterator[Index]:
    parts = [
        i for leaf in leaves(index.table, scene) for i in scene.indexes_of(leaf.name) if _is_below(i, index, scene)
    ]
    yield from parts or [index]


def _is_below(index: Index, whole: Index, scene: Scene) -> bool:
    above = index.parent
    while above is not None and above != whole.name:
        found = scene.index(above)
        above = found.parent if found else None
    return above is not None


def _is_exclusion(index: Index, scene: Scene) -> bool:
    behind = scene.constraints(index.table).get(index.constraint or "")
    return behind is not None and behind.kind is ConstraintKind.EXCLUSION


def _excludes(table: Name, scene: Scene) -> bool:
    return any(_is_exclusion(index, scene) for index in scene.indexes_of(table))


def _piece(word: LiteralString, relation: Name, table: Name, words: dict[str, str]) -> Piece:
    given = [f"TABLESPACE {_quoted(words['tablespace'])}"] if "tablespace" in words else []
    options = Raw(", ".join(["CONCURRENTLY", *given]))
    text = composed("REINDEX ({options}) {word} {relation}", options=options, word=Raw(word), relation=relation)
    settle = Settle(kind="reindexed", relation=str(relation), table=str(table))
    return Piece(sql=(text,), kind=StepKind.CONCURRENT, phase=Phase.MIGRATE, settle=settle)


def _quoted(name: Any) -> str:
    return composed("{name}", name=str(name))


FORM = Form(name="concurrent-reindex", policy="index", keys=("reindex_stmt",), rewrite=_rewrite)
