"""What a step took on the clone, carried over to the database itself: by the sizes of both and the speed of both machines. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence

from watari.evidence.evidence import Evidence, Expected
from watari.evidence.run import Run, StepOutcome, StepState
from watari.planning.plan import Plan, Step, StepKind

#: Above and below the middle of a range: nine of ten steps of the measured ones stay within (bench/times.py).
_SPREAD = 1.5
# what begin, journal row and commit take, whatever the step does; seconds
_FIXED = 0.004
# so many steps that work through nothing tell what looking on costs in a rehearsal
_TELLING = 3
#: Below, in seconds, a step is over before anybody looks, and its time is the noise of a round trip.
_NOISE = 0.02
# so many earlier runs correct the next, and by no more than this
_RUNS = 5
_MOST_CORRECTION = 4.0


def expected(
    plan: Plan,
    outcomes: Iterable[StepOutcome],
    *,
    source: Mapping[str, int],
    clone: Mapping[str, int],
    speed: float,
    corrected: float,
) -> tuple[Expected, ...]:
    """A range for each step that was done; `source` and `clone` are bytes of tables by `str(Name)`, indexes included."""
    steps = {step.id: step for step in plan.steps}
    done = [
        (steps[outcome.id], outcome)
        for outcome in outcomes
        if outcome.id in steps and outcome.state is StepState.DONE and outcome.seconds is not None
    ]
    looking = _looking(done)
    return tuple(_expected(step, outcome, source, clone, speed * corrected, looking) for step, outcome in done)


def _looking(done: Sequence[tuple[Step, StepOutcome]]) -> float:
    """Seconds of each step that go to the rehearsal's own looks, which grow with nothing: what the steps take that only change
    the catalog, in the middle."""
    idle = [outcome.seconds or 0.0 for step, outcome in done if not _worked_through(step, outcome)]
    return max(statistics.median(idle) - _FIXED, 0.0) if len(idle) >= _TELLING else 0.0


def _expected(
    step: Step,
    outcome: StepOutcome,
    source: Mapping[str, int],
    clone: Mapping[str, int],
    factor: float,
    looking: float,
) -> Expected:
    worked = _worked_through(step, outcome)
    scale = _scale(worked, source, clone) if worked else 1.0
    took = outcome.seconds or 0.0
    own = max(took - _FIXED - looking, 0.0)
    if not worked and own < looking:
        own = 0.0  # no more than a look that took a little longer
    middle = _FIXED + own * (factor * scale if worked else 1.0)
    lock = outcome.longest_lock_seconds
    held = None if lock is None else lock * (scale * factor if _locks_while_working(step, outcome) else 1.0)
    return Expected(
        step=step.id,
        rehearsed=took,
        low=middle / _SPREAD if middle > _NOISE else 0.0,
        high=max(middle * _SPREAD, _NOISE),
        lock_low=None if held is None else held / _SPREAD,
        lock_high=None if held is None else max(held * _SPREAD, _FIXED),
        scale=scale,
    )


def _worked_through(step: Step, outcome: StepOutcome) -> frozenset[str]:
    """The tables whose rows the step reads, writes or builds something from."""
    if step.backfill:
        return frozenset({step.backfill.table})
    seen = (*step.effects, *outcome.effects)
    found = {each.relation for each in seen if (each.scan or each.rewrite or (each.rows or 0) > 1) and not each.created}
    if step.kind is StepKind.CONCURRENT and step.settle and step.settle.table:
        found.add(step.settle.table)
    return frozenset(found)


def _locks_while_working(step: Step, outcome: StepOutcome) -> bool:
    return step.kind is StepKind.TRANSACTION and bool(_worked_through(step, outcome))


def _scale(tables: frozenset[str], source: Mapping[str, int], clone: Mapping[str, int]) -> float:
    here = sum(source.get(table, 0) for table in tables)
    there = sum(clone.get(table, 0) for table in tables)
    return here / there if here and there else 1.0


def correction(past: Sequence[tuple[Evidence, Run]]) -> float:
    """By how much earlier runs took longer (above 1) or shorter than expected: the median of the newest, within bounds.

    `past` holds the newest last; steps that are mostly noise do not count.
    """
    ratios: list[float] = []
    for evidence, run in past[-_RUNS:]:
        took = {step.id: step.seconds for step in run.steps if step.state is StepState.DONE and step.attempts == 1}
        for each in evidence.expected:
            seconds = took.get(each.step)
            if seconds is not None and each.middle > _NOISE:
                # what was corrected already is not corrected once more
                ratios.append(seconds / each.middle * evidence.corrected)
    if not ratios:
        return 1.0
    return min(max(statistics.median(ratios), 1 / _MOST_CORRECTION), _MOST_CORRECTION)
