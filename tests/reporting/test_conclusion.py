"""The headline and the checklist say what is proved, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

import pytest

from watari.evidence import Direction, RunState, VerificationLevel
from watari.locale import Language
from watari.migrations import State
from watari.reporting.blocks import CheckState, Tone
from watari.reporting.checklist import checklist
from watari.reporting.conclusion import conclusion
from watari.reporting.report import Report
from watari.reporting.wording import count, duration, moment, server, size
from watari.reporting.zone import in_one_zone
from watari.verification.verdict import VerdictState


def with_run(**changes: object) -> Callable[[Report], Report]:
    return lambda report: replace(report, outcome=replace(report.outcome, **changes))


def with_verdict(state: VerdictState) -> Callable[[Report], Report]:
    return lambda report: replace(report, verdicts=(*report.verdicts, replace(report.verdicts[0], state=state)))


@pytest.mark.parametrize(
    ("change", "tone", "headline"),
    [
        (lambda report: report, Tone.GOOD, "Done and verified"),
        (with_verdict(VerdictState.SKIPPED), Tone.GOOD, "Done and verified"),
        (with_verdict(VerdictState.WARN), Tone.WARN, "Done, with warnings"),
        (with_verdict(VerdictState.FAIL), Tone.BAD, "Done, but verification fails"),
        (lambda report: replace(report, verdicts=()), Tone.WARN, "Done, not verified"),
        (lambda report: replace(report, outcome=None), Tone.QUIET, "Not run"),
        (with_run(state=RunState.STOPPED), Tone.BAD, "Stopped"),
        (with_run(state=RunState.RUNNING), Tone.BAD, "Stopped"),
        (with_run(direction=Direction.BACK), Tone.GOOD, "Rolled back and verified"),
        (with_run(state=RunState.ROLLED_BACK), Tone.WARN, "Taken back"),
        (
            lambda report: replace(
                report,
                taken_back=report.outcome,
                verdicts_back=(replace(report.verdicts[0], state=VerdictState.FAIL),),
            ),
            Tone.BAD,
            "Taken back",
        ),
    ],
)
def test_the_headline_is_as_good_as_what_was_proved(
    night: Report, change: Callable[[Report], Report], tone: Tone, headline: str
) -> None:
    found, words, sentence = conclusion(change(night))
    assert (found, str(words)) == (tone, headline)
    for language in Language:
        assert sentence.render(language)


def states(report: Report) -> dict[str, CheckState]:
    return {item.id: item.state for each in checklist(report) for item in each.items}


def test_what_watari_proved_is_ticked_and_what_a_person_knows_is_left(night: Report) -> None:
    found = states(night)
    person = {name for name, state in found.items() if state is CheckState.PERSON}
    assert person == {"window", "alarms", "ready", "features", "errors", "lessons"}
    assert found["notified"] is CheckState.SIGNED
    assert set(found.values()) == {CheckState.PROVED, CheckState.PERSON, CheckState.SIGNED}


def test_a_signature_never_overrules_what_watari_found(stopped: Report) -> None:
    signed = replace(stopped, signed=dict.fromkeys(states(stopped), "somebody"))
    found = states(signed)
    assert found["backup"] is CheckState.FAILED
    assert found["verified"] is CheckState.FAILED
    assert found["window"] is CheckState.SIGNED


@pytest.mark.parametrize(
    ("change", "item", "state"),
    [
        (lambda r: replace(r, backup=None), "backup", CheckState.PERSON),
        (lambda r: replace(r, backup=replace(r.backup, verified=VerificationLevel.READ)), "backup", CheckState.FAILED),
        (lambda r: replace(r, backup=replace(r.backup, findings=("a row is missing",))), "backup", CheckState.FAILED),
        (lambda r: replace(r, evidence=replace(r.evidence, plan_sha256="other")), "rehearsal", CheckState.PERSON),
        (lambda r: replace(r, evidence=replace(r.evidence, error="no")), "rehearsal", CheckState.FAILED),
        (lambda r: replace(r, evidence=None), "way_back", CheckState.PROVED),
        (lambda r: replace(r, evidence=None, way_back=None), "way_back", CheckState.PERSON),
        (lambda r: replace(r, judged_statements=0), "risk", CheckState.PERSON),
        (lambda r: replace(r, after=replace(r.after, state=State.PENDING)), "history", CheckState.FAILED),
        (lambda r: replace(r, measures=()), "performance", CheckState.PERSON),
        (lambda r: replace(r, outcome=None), "log", CheckState.PERSON),
        (with_run(log_file=None), "log", CheckState.PERSON),
        (with_run(state=RunState.STOPPED), "stages", CheckState.FAILED),
    ],
)
def test_an_item_is_ticked_only_by_its_own_proof(
    night: Report, change: Callable[[Report], Report], item: str, state: CheckState
) -> None:
    assert states(night)[item] is CheckState.PROVED
    assert states(change(night))[item] is state


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.00042, "0.4 ms"),
        (0.0094, "9.4 ms"),
        (0.0421, "42 ms"),
        (0.9996, "1.0 s"),
        (3.44, "3.4 s"),
        (125, "2 min 05 s"),
        (3599.7, "1 h 00 min"),
        (4320, "1 h 12 min"),
    ],
)
def test_durations_are_read_at_a_glance(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_all_times_are_told_in_the_zone_of_those_who_made_the_report(night: Report) -> None:
    assert night.outcome and night.backup
    utc = replace(night, outcome=replace(night.outcome, started_at=night.outcome.started_at.astimezone(UTC)))
    moved = in_one_zone(utc)
    assert moved.outcome and moved.outcome.started_at.tzinfo is night.made_at.tzinfo
    assert moved == night
    assert moved.hazards is night.hazards


def test_sizes_counts_times_and_servers_are_read_at_a_glance(night: Report) -> None:
    assert [size(n) for n in (None, 0, 512, 3_440, 182_000_000, 5e12)] == [
        "–",
        "0 B",
        "512 B",
        "3.4 kB",
        "182 MB",
        "5.0 TB",
    ]
    assert (count(1234567), count(None)) == ("1,234,567", "–")
    assert moment(night.made_at) == "2026-11-21 02:00:30 +09:00"
    assert (server(180006), server(None)) == ("PostgreSQL 18.6", "PostgreSQL")
