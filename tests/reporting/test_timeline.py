"""The chart of a run: every step and lock at its place, idle nights left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from watari.catalog.locks import LockMode
from watari.evidence import Effect, Run
from watari.reporting.blocks import Timeline, Tone
from watari.reporting.report import Report
from watari.reporting.timeline import timeline


@pytest.fixture
def run(night: Report) -> Run:
    assert night.outcome
    return night.outcome


def charted(run: Run) -> Timeline:
    chart = timeline(run)
    assert chart is not None
    return chart


def test_every_span_lies_inside_the_chart_and_steps_follow_each_other(run: Run) -> None:
    chart = charted(run)
    for lane in chart.lanes:
        for span in lane.spans:
            assert 0 <= span.start <= span.start + span.length <= 1 + 1e-9
    starts = [span.start for span in chart.lanes[0].spans]
    assert starts == sorted(starts) and starts[0] == 0
    assert chart.lanes[0].spans[-1].start + chart.lanes[0].spans[-1].length == pytest.approx(1)


def test_between_two_tries_a_step_waits_and_holds_nothing(run: Run) -> None:
    chart = charted(replace(run, steps=run.steps[:2]))
    total = 3.5 + 0.55 + 0.02
    waited, worked = chart.lanes[0].spans[1:]
    assert (waited.tone, worked.tone) == (Tone.QUIET, Tone.PLAIN)
    assert (waited.start, waited.length) == (pytest.approx(3.5 / total), pytest.approx(0.55 / total))
    assert worked.start == pytest.approx(4.05 / total)


def test_a_lock_is_drawn_at_the_end_of_its_step_in_the_colour_of_whom_it_stops(run: Run) -> None:
    lanes = {str(lane.label): lane.spans for lane in charted(run).lanes}
    assert [span.tone for span in lanes["public.orders"]] == [
        Tone.QUIET,
        Tone.WARN,
        Tone.QUIET,
        Tone.BAD,
        Tone.QUIET,
        Tone.BAD,
    ]
    total = 12.118
    first = lanes["public.customers"][0]
    assert first.start == pytest.approx((3.52 + 0.55 - 0.009) / total)
    assert first.length == pytest.approx(0.009 / total)


def test_what_a_step_made_itself_and_what_stops_nobody_has_no_lane(run: Run) -> None:
    effects = (
        Effect(relation="public.made", lock=LockMode.ACCESS_EXCLUSIVE, created=True),
        Effect(relation="public.read", lock=LockMode.ACCESS_SHARE),
        Effect(relation="public.none"),
    )
    chart = charted(replace(run, steps=(replace(run.steps[0], effects=effects),)))
    assert len(chart.lanes) == 1


def test_the_night_between_a_stop_and_its_resumption_is_left_out(run: Run) -> None:
    later = tuple(
        replace(step, started_at=step.started_at + timedelta(hours=9)) for step in run.steps[4:] if step.started_at
    )
    chart = charted(replace(run, steps=(*run.steps[:4], *later)))
    assert len(chart.cuts) == 1 and chart.ticks == ()
    widths = [span.length for span in chart.lanes[0].spans]
    assert max(widths) > 0.2


def test_ticks_are_few_and_round(run: Run) -> None:
    assert [words for _, words in charted(run).ticks] == [
        "0 ms",
        "2.0 s",
        "4.0 s",
        "6.0 s",
        "8.0 s",
        "10.0 s",
        "12.0 s",
    ]


def test_the_strongest_locks_are_kept_when_there_are_too_many(run: Run) -> None:
    effects = tuple(Effect(relation=f"public.t{n}", lock=LockMode.SHARE, seconds=n / 1000) for n in range(40))
    chart = charted(replace(run, steps=(replace(run.steps[0], effects=(*effects, *run.steps[3].effects)),)))
    labels = {str(lane.label) for lane in chart.lanes}
    assert len(chart.lanes) == 13 and "public.orders" in labels and "public.t39" in labels and "public.t1" not in labels
    assert chart.note


def test_a_run_without_times_has_no_chart(run: Run) -> None:
    assert timeline(replace(run, steps=tuple(replace(step, started_at=None) for step in run.steps))) is None
    assert timeline(replace(run, steps=())) is None
