"""TRUNCATE of a large table whose rows are kept: moved aside in batches, and the rest under its lock.

Copying everything under the lock would make everybody wait; so the rows are deleted along a key, each batch into the copy in its
own transaction, and TRUNCATE comes when next to nothing is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import KeptKind, Table
from watari.planning.aside import Aside, aside_of, copies, makes, writable
from watari.planning.keeping import closed_for_a_moment, keeps, not_kept
from watari.planning.kept_rows import UNDER_LOCK, stays, truncated
from watari.planning.plan import Backfill, Note, Phase, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.row_by_row import acted_upon
from watari.planning.rows_back import rows_back
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed

_HALF_DONE = Note(
    en="The rows are moved in batches along {key}: others see the table empty itself until the step ends.",
    ja="{key} の順に分割して移します。終わるまで、行が減っていく途中の状態が他のセッションから見えます。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    if not keeps(scene):
        return None
    tables = truncated(part.node, scene)
    asides = [aside_of(KeptKind.ROWS, part.node, table, writable(table), scene) for table in tables]
    if note := next((each for each in asides if isinstance(each, Note)), None):
        return Left(note=note)
    found = [aside for aside in asides if isinstance(aside, Aside)]
    large = [aside for aside in found if aside.large]
    if not large:
        return None
    if not all(_can_be_moved(aside, scene) for aside in large):
        return Left(note=not_kept(UNDER_LOCK))
    return tuple(_pieces(part.node, tables, found, scene))


def _can_be_moved(aside: Aside, scene: Scene) -> bool:
    """Whether rows may go one by one as they would together: nothing acts on their deletion, and nobody refers to them."""
    table = aside.table
    if not aside.key or scene.referencing(table.name) or acted_upon("delete_stmt", table, scene):
        return False
    published = any(other.kind == "publication" for other in scene.catalog.others)
    primary = any(index.primary and index.columns == aside.key for index in scene.indexes_of(table.name))
    return not (table.row_security or (published and not primary))


def _pieces(node: Any, tables: tuple[Table, ...], asides: list[Aside], scene: Scene) -> Iterator[Piece]:
    yield Piece(
        sql=tuple(text for aside in asides for text in makes(aside)),
        phase=Phase.CONTRACT,
        undo=None,
        keeps=tuple(aside.kept for aside in asides),
        back=tuple(back for aside in asides for back in rows_back(aside, scene, restarted=node.restart_seqs)),
    )
    for aside in asides:
        if aside.large:
            yield _moved(aside, scene)
    own = copied(parsed("TRUNCATE t"))
    own.truncate_stmt.CopyFrom(node)
    closed = (part for table in tables for part in _family(table, scene))
    # the runner takes the locks that the effects say before the first statement, so that nothing is missed in between
    yield Piece(
        sql=(*map(copies, asides), deparsed(own)),
        phase=Phase.CONTRACT,
        effects=tuple(effect for table in closed for effect in closed_for_a_moment(table.name, ())),
    )


def _family(table: Table, scene: Scene) -> Iterator[Table]:
    yield table
    for part in scene.partitions_of(table.name):
        yield from _family(part, scene)


def _moved(aside: Aside, scene: Scene) -> Piece:
    words, note = {"key": ", ".join(aside.key)}, stays(aside)
    return Piece(
        kind=StepKind.BACKFILL,
        phase=Phase.CONTRACT,
        backfill=Backfill(
            table=str(aside.table.name),
            assignments=(),
            where="true",
            key=aside.key,
            delete=True,
            into=str(aside.place),
            taken=aside.columns,
        ),
        effects=(scene.all_rows_written(aside.table.name),),
        note=Note(en=f"{_HALF_DONE.en.format(**words)} {note.en}", ja=_HALF_DONE.ja.format(**words) + note.ja),
    )


FORM = Form(name="kept-truncate", policy="drop", keys=("truncate_stmt",), rewrite=_rewrite)
