"""Figures of a span: what counts, and what the longest wait was."""

from __future__ import annotations

import pytest

from watari.demo.latencies import Recording


def recorded(*operations: tuple[float, float]) -> Recording:
    recording = Recording()
    recording.add([began for began, _ in operations], [took for _, took in operations])
    return recording


def test_the_slowest_operation_is_the_longest_stall() -> None:
    found = recorded((1.0, 0.01), (2.0, 0.5), (3.0, 0.02)).between(0.0, 10.0)
    assert (found.operations, found.longest) == (3, 0.5)
    assert found.rate == pytest.approx(0.3)


def test_an_operation_that_began_before_or_ended_after_counts_whole() -> None:
    recording = recorded((0.0, 6.0), (9.5, 4.0), (20.0, 99.0))
    found = recording.between(5.0, 10.0)
    assert (found.operations, found.longest) == (2, 6.0)


def test_the_gap_is_the_time_in_which_nothing_ended() -> None:
    found = recorded((1.0, 0.1), (1.2, 0.1), (1.1, 3.9), (5.1, 0.1)).between(1.0, 6.0)
    assert found.gap == pytest.approx(3.7)


def test_a_span_in_which_nothing_ended_is_all_gap() -> None:
    found = recorded((1.0, 0.1)).between(5.0, 9.0)
    assert (found.operations, found.gap, found.longest) == (0, 4.0, 0.0)


def test_errors_are_counted_by_what_was_said() -> None:
    recording = recorded((1.0, 0.1), (2.0, 0.1), (3.0, 0.1))
    recording.add_errors([(1.0, "gone"), (2.0, "gone"), (3.0, "late")])
    assert recording.between(0.0, 2.5).errors == {"gone": 2}
    assert recording.between(0.0, 2.5).failed == 2


def test_shares_of_many_operations() -> None:
    found = recorded(*((float(n), n / 1000) for n in range(100))).between(0.0, 200.0)
    assert (found.p50, found.p99) == (0.05, 0.099)


def test_the_latest_figures_are_those_of_the_span_that_ends_now() -> None:
    recording = recorded(*((float(n), 0.5) for n in range(100)))
    assert recording.latest(90.0, 100.0) == recording.between(90.0, 100.0)
    assert recording.latest(200.0, 210.0).operations == 0
