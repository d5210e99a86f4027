"""Two answers of a server to the same statement, before and after: what changed for the application. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence.application import Change
from watari.rehearsal.preparing import Answer, Refused, Understood

# what a planner's estimate may move without anything having changed: statistics are samples
_WORTH_TELLING = 1.5
_COST_OF_NOTHING = 100.0


def change(before: Understood, after: Answer) -> tuple[Change, str] | None:
    """The gravest change between the two, and its words; None where the application notices nothing."""
    return next(_changes(before, after), None)


def _changes(before: Understood, after: Answer) -> Iterator[tuple[Change, str]]:
    if isinstance(after, Refused):
        yield Change.FAILS, after.reason
        return
    if new := [name for name in after.lacking if name not in before.lacking]:
        yield Change.LACKS, ", ".join(new)
    if before.columns != after.columns:
        yield Change.RESULT, _other(before.columns, after.columns)
    if before.parameters != after.parameters:
        yield Change.PARAMETERS, _other(before.parameters, after.parameters)
    if is_costlier(before, after):
        yield Change.COSTLIER, f"{before.cost:.0f} → {after.cost:.0f}"


def is_costlier(before: Understood, after: Understood) -> bool:
    """Whether the planner expects so much more that somebody should look; in its own units."""
    return after.cost > before.cost * _WORTH_TELLING and after.cost - before.cost > _COST_OF_NOTHING


def _other(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """What is not on both sides, before → after."""
    gone = [each for each in before if each not in after]
    new = [each for each in after if each not in before]
    if not gone and not new:  # the same in another order
        gone, new = list(before), list(after)
    return f"{', '.join(gone) or '–'} → {', '.join(new) or '–'}"
