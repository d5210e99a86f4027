"""The way back that a step brought with it, for as long as what it kept is there: no planner is needed for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from watari.catalog import Kept
from watari.evidence.effect import Effect
from watari.planning.merging import merged
from watari.planning.plan import Back, Note, Phase, Step
from watari.planning.rewrite import Piece
from watari.planning.scene import Scene
from watari.sql.statement import Statement
from watari.values import replace

__all__ = ["counted", "returning"]


def returning(step: Step, answers: Mapping[str, int], scene: Scene) -> Iterator[tuple[Piece, tuple[Kept, ...]]]:
    """Each transaction, and what is kept no longer after it; `answers` are those of the step's queries that are not 0."""
    note: Note | None = None
    for back in step.back:
        count = answers.get(back.unless or "", 0)
        if count and back.lacking:
            note = counted(back.lacking, count)
        if back.sql and not count and not back.planned:
            piece = Piece(sql=back.sql, phase=Phase.MIGRATE, note=note, effects=_effects(back, scene))
            yield piece, step.keeps if back.releases else ()
            note = None


def _effects(back: Back, scene: Scene) -> tuple[Effect, ...]:
    statements = tuple(Statement(text=text, file="watari") for text in back.sql)
    found = scene.predict(statements, scene.present(), scene.created)
    effects = merged(effect for each in found for effect in each.effects)
    if back.scans:
        return effects
    # proved beforehand, or about what only the catalog knows: the prediction sees no proof of earlier transactions
    return tuple(replace(effect, scan=False, rewrite=False, rows=None, destroys=None) for effect in effects)


def counted(note: Note, count: int) -> Note:
    """A note with the number that a query answered."""
    return Note(en=note.en.format(count=f"{count:,}"), ja=note.ja.format(count=f"{count:,}"))
