"""The way back that a step brought with it, for as long as what it kept is there: no planner is needed for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import LiteralString

from watari.catalog import Kept, LockMode, Name
from watari.evidence.effect import Effect
from watari.planning.merging import merged
from watari.planning.plan import Back, Backfill, Note, Phase, Step, StepKind
from watari.planning.rewrite import Piece
from watari.planning.scene import Scene
from watari.sql.compose import Raw, composed
from watari.sql.statement import Statement
from watari.values import replace

__all__ = ["counted", "returning", "without_newer"]


def returning(
    step: Step, backs: Sequence[Back], answers: Mapping[str, int], scene: Scene
) -> Iterator[tuple[Piece, tuple[Kept, ...]]]:
    """Each transaction of `backs`, and what is kept no longer after it; `answers` are those of queries that are not 0."""
    note: Note | None = None
    for back in backs:
        count = answers.get(back.unless or "", 0)
        if count and back.lacking:
            note = _both(note, counted(back.lacking, count))
        if back.backfill:
            effects = tuple(_rows_written(back.backfill))
            yield (
                Piece(kind=StepKind.BACKFILL, phase=Phase.MIGRATE, backfill=back.backfill, note=note, effects=effects),
                (),
            )
            note = None
        elif back.sql and not count:
            piece = Piece(sql=back.sql, phase=Phase.MIGRATE, note=note, effects=_effects(back, scene))
            returned = tuple(kept for kept in step.keeps if kept.relation == back.returns)
            yield piece, step.keeps if back.releases else returned
            note = None


def _both(one: Note | None, other: Note) -> Note:
    return other if one is None else Note(en=f"{one.en} {other.en}", ja=one.ja + other.ja)


def _rows_written(work: Backfill) -> Iterator[Effect]:
    for relation in filter(None, (work.table, work.into)):
        yield Effect(relation=relation, lock=LockMode.ROW_EXCLUSIVE, scan=relation == work.table)


def _effects(back: Back, scene: Scene) -> tuple[Effect, ...]:
    statements = tuple(Statement(text=text, file="watari") for text in back.sql)
    found = scene.predict(statements, scene.present(), scene.created)
    # nobody but watari has anything to do with its own copies
    effects = merged(e for each in found for e in each.effects if not e.relation.startswith("watari."))
    if back.scans:
        return effects
    # proved beforehand, or about what only the catalog knows: the prediction sees no proof of earlier transactions
    return tuple(replace(effect, scan=False, rewrite=False, rows=None, destroys=None) for effect in effects)


def counted(note: Note, count: int) -> Note:
    """A note with the number that a query answered."""
    return Note(en=note.en.format(count=f"{count:,}"), ja=note.ja.format(count=f"{count:,}"))


# -- copies of the same rows --------------------------------------------------------------------------------------------


def without_newer(step: Step, newer: list[Kept]) -> Step:
    """The step with questions about the rows that no newer copy holds: what was written since is counted by the newest.

    `newer` are the copies that come back before it; those of the step itself are added to it.
    """
    asked = []
    for back in step.back:
        own = next((kept for kept in step.keeps if back.unless and back.unless.startswith(_asks(kept))), None)
        others = [each for each in newer if own and each.object == own.object and _key(each) == _key(own)]
        asked.append(replace(back, unless="".join((back.unless or "", *map(_not_in, others)))) if others else back)
        newer += [kept for kept in step.keeps if kept.relation == back.returns and _key(kept)]
    return replace(step, back=tuple(asked))


def _asks(kept: Kept) -> str:
    return composed("SELECT count(*) FROM {place} AS k WHERE", place=_place(kept))


def _place(kept: Kept) -> Name:
    return Name("watari", kept.part("place") or "")


def _key(kept: Kept) -> tuple[str, ...]:
    return tuple(name for kind, name in kept.parts if kind == "key")


def _not_in(kept: Kept) -> str:
    same = " AND ".join(composed("n.{column} = k.{column}", column=column) for column in _key(kept))
    template: LiteralString = " AND NOT EXISTS (SELECT FROM {place} AS n WHERE {same})"
    return composed(template, place=_place(kept), same=Raw(same))
