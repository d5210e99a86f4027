"""Times on the clone carried over to the database itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from fixtures.runs import backfill, plan_of, transaction

from watari.catalog import LockMode
from watari.evidence.effect import Effect
from watari.evidence.evidence import Evidence, Expected
from watari.evidence.run import Direction, Run, RunState, StepOutcome, StepState
from watari.rehearsal.expecting import correction, expected

SCAN = Effect(relation="public.orders", lock=LockMode.ACCESS_EXCLUSIVE, scan=True)


def outcome(step, seconds, *, lock=None, effects=(), attempts=1):
    return StepOutcome(
        id=step.id, migration="001", kind=step.kind, state=StepState.DONE, seconds=seconds, attempts=attempts,
        longest_lock_seconds=lock, effects=effects,
    )  # fmt: skip


def of(step, took, *, source=1, clone=1, speed=1.0, corrected=1.0) -> Expected:
    plan = plan_of(step)
    (found,) = expected(
        plan,
        (took,),
        source={"public.orders": source},
        clone={"public.orders": clone},
        speed=speed,
        corrected=corrected,
    )
    return found


def steps(*given):
    return plan_of(*given).steps


def test_work_grows_with_the_data_and_shrinks_with_the_machine():
    (step,) = steps(transaction("alter table orders add check (x > 0)"))
    took = outcome(step, 2.004, lock=2.0, effects=(SCAN,))
    same, larger, slower = of(step, took), of(step, took, source=5), of(step, took, speed=2.0)
    assert same.low < 2.004 < same.high and same.scale == 1
    assert larger.low < 10.004 < larger.high and larger.scale == 5 and larger.lock_low < 10 < larger.lock_high
    assert slower.low < 4.004 < slower.high


def test_what_only_changes_the_catalog_takes_the_same_everywhere():
    (step,) = steps(transaction("alter table orders add column note text"))
    took = outcome(step, 0.008, lock=0.002)
    assert of(step, took, source=1000).high == of(step, took).high
    assert of(step, took).low == 0.0  # a round trip more or less is nothing to promise


def test_what_looking_on_costs_is_not_multiplied():
    """A busy machine makes each look of the rehearsal slow; the steps that do nothing else tell how slow."""
    idle = [transaction(f"alter table orders add column n{number} text") for number in range(3)]
    working, *moments = steps(transaction("alter table orders add check (x > 0)"), *idle)
    took = [outcome(working, 0.154, effects=(SCAN,)), *(outcome(step, 0.054) for step in moments)]
    found = expected(
        plan_of(working, *moments),
        took,
        source={"public.orders": 5},
        clone={"public.orders": 1},
        speed=1.0,
        corrected=1.0,
    )
    assert found[0].low < 0.504 < found[0].high < 0.154 * 5
    assert {each.low for each in found[1:]} == {0.0} and {each.high for each in found[1:]} == {0.02}


def test_a_backfill_goes_by_its_table():
    (step,) = steps(backfill("public.orders", "note", "'n'", "note is null"))
    found = of(step, outcome(step, 10.0, lock=0.01), source=3)
    assert found.low < 30 < found.high and found.lock_high < 0.1


def run_of(*outcomes):
    now = datetime.now(UTC)
    return Run(
        id="r", plan_sha256="p", database="d", environment="", direction=Direction.FORWARD, state=RunState.DONE,
        started_at=now, steps=outcomes,
    )  # fmt: skip


def evidence_of(*ranges, corrected=1.0):
    return Evidence(
        id="e", plan_sha256="p", database="d", clone="dump", clone_seconds=1, clone_bytes=1, started_at=datetime.now(UTC),
        seconds=1, expected=ranges, corrected=corrected,
    )  # fmt: skip


def test_what_earlier_runs_took_corrects_the_next():
    (step,) = steps(transaction("select 1"))
    promised = Expected(step=step.id, rehearsed=2, low=2 / 1.5, high=3.0)
    assert correction([]) == 1.0
    assert round(correction([(evidence_of(promised), run_of(outcome(step, 4.0)))]), 2) == 2.0
    # corrected by two already, and now right: two it stays
    again = evidence_of(promised, corrected=2.0)
    assert round(correction([(again, run_of(outcome(step, 2.0)))]), 2) == 2.0


def test_noise_waits_and_outliers_teach_little():
    (step,) = steps(transaction("select 1"))
    moment = Expected(step=step.id, rehearsed=0.001, low=0.0, high=0.02)
    assert correction([(evidence_of(moment), run_of(outcome(step, 1.0)))]) == 1.0
    promised = Expected(step=step.id, rehearsed=2, low=2 / 1.5, high=3.0)
    waited = outcome(step, 60.0, attempts=9)
    assert correction([(evidence_of(promised), run_of(waited))]) == 1.0
    assert correction([(evidence_of(promised), run_of(replace(waited, attempts=1)))]) == 4.0
