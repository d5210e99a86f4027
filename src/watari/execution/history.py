"""Reads what runs left in a database's journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import psycopg
from psycopg.rows import dict_row

from watari.evidence.blocker import Blocker
from watari.evidence.effect import Effect
from watari.evidence.run import Direction, Run, RunState, Start, StepOutcome, StepState, Try
from watari.execution.effects import unpacked
from watari.execution.journal import version_of
from watari.execution.queries import load
from watari.planning.plan import Plan
from watari.values import dataclass, replace

_KNOWS_STARTS = 4
#: What a step stands at after a try that ended so; a try that gave way left nothing.
_STATES = {
    "intended": StepState.INTENDED,
    "done": StepState.DONE,
    "failed": StepState.FAILED,
    "gave_way": StepState.PENDING,
    "interrupted": StepState.PENDING,
}


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of one step, as the journal holds it.

    `state` is `intended`, `done`, `gave_way`, `failed` or `interrupted`; `checkpoint` is how far a backfill was.
    """

    run: str
    step: str
    number: int
    kind: str
    migration: str | None
    state: str
    started_at: datetime
    ended_at: datetime | None = None
    locked_seconds: float | None = None
    waited_seconds: float = 0.0
    checkpoint: Mapping[str, Any] | None = None
    effects: tuple[Effect, ...] = ()
    error: str | None = None
    blockers: tuple[Blocker | str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """The run that stands half-way, and the plan that it follows, as canonical JSON."""

    run: Run
    plan: bytes
    of_run: str | None = None


def runs(connection: psycopg.Connection) -> tuple[Run, ...]:
    """All runs of this database, oldest first; empty where watari never ran. Reads only."""
    return _runs(connection, None)


def run_named(connection: psycopg.Connection, run: str) -> Run | None:
    """One run with its steps."""
    return next(iter(_runs(connection, run)), None)


def unfinished(connection: psycopg.Connection) -> Unfinished | None:
    """The newest run, if it has not come to its end; one that another plan was begun after is over."""
    if version_of(connection) is None:
        return None
    rows = _rows(connection, "runs", id=None)
    if not rows or rows[-1]["state"] not in (RunState.RUNNING, RunState.STOPPED):
        return None
    newest = rows[-1]
    run = _run(newest, attempts(connection, newest["id"]))
    return Unfinished(run=run, plan=plan_of(connection, run.id) or b"", of_run=newest["of_run"])


def last_done(connection: psycopg.Connection, plan_sha256: str) -> Run | None:
    """The newest run of this database, if it is done and followed the plan of that hash."""
    if version_of(connection) is None:
        return None
    row = connection.execute(load("last_done"), [plan_sha256]).fetchone()
    return run_named(connection, row[0]) if row else None


def plan_of(connection: psycopg.Connection, run: str) -> bytes | None:
    """The canonical JSON of the plan that a run followed."""
    if version_of(connection) is None:
        return None
    row = connection.execute(load("run_plan"), {"id": run}).fetchone()
    return bytes(row[0]) if row else None


def attempts(connection: psycopg.Connection, run: str | None = None) -> tuple[Attempt, ...]:
    """Every try of every step of a run (of all runs), in order."""
    return tuple(
        Attempt(
            run=row["run"],
            step=row["id"],
            number=row["attempt"],
            kind=row["kind"],
            migration=row["migration"],
            state=row["state"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            locked_seconds=row["locked_seconds"],
            waited_seconds=row["waited_seconds"] or 0.0,
            checkpoint=row["checkpoint"],
            effects=unpacked(row["effects"]),
            error=row["error"],
            blockers=(*map(Blocker.of, row["in_the_way"] or ()), *(row["blockers"] or ())),
        )
        for row in _rows(connection, "attempts", run=run)
    )


def with_plan(run: Run, plan: Plan) -> Run:
    """The run with every step of its plan, in the plan's order, those not yet begun as pending."""
    known = {step.id: step for step in run.steps}
    pending = (
        StepOutcome(id=step.id, migration=step.migration, kind=step.kind.value, state=StepState.PENDING)
        for step in plan.steps
    )
    return replace(run, steps=tuple(known.get(step.id, step) for step in pending))


def _runs(connection: psycopg.Connection, run: str | None) -> tuple[Run, ...]:
    if version_of(connection) is None:
        return ()
    tries = {name: tuple(group) for name, group in groupby(attempts(connection, run), key=lambda a: a.run)}
    begun = starts(connection, run)
    return tuple(
        replace(_run(row, tries.get(row["id"], ())), starts=begun.get(row["id"], ()))
        for row in _rows(connection, "runs", id=run)
    )


def starts(connection: psycopg.Connection, run: str | None = None) -> dict[str, tuple[Start, ...]]:
    """Every start of a run (of all runs), in order; a journal of before version 4 knows of none."""
    if (version_of(connection) or 0) < _KNOWS_STARTS:
        return {}
    rows = groupby(_rows(connection, "starts", run=run), key=lambda row: str(row["run"]))
    return {name: tuple(map(_start, group)) for name, group in rows}


def _start(row: Mapping[str, Any]) -> Start:
    return Start(
        number=row["number"],
        state=row["state"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        by=row["started_by"],
        host=row["host"],
        version=row["version"],
        git_commit=row["git_commit"],
        log_file=row["log_file"],
        error=row["error"],
    )


def _rows(connection: psycopg.Connection, name: str, **values: object) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(load(name), values).fetchall()


def _run(row: Mapping[str, Any], tries: Sequence[Attempt]) -> Run:
    seconds = (row["ended_at"] - row["started_at"]).total_seconds() if row["ended_at"] else None
    return Run(
        id=row["id"],
        plan_sha256=row["plan_sha256"],
        database=row["database"],
        environment=row["environment"],
        direction=Direction(row["direction"]),
        state=RunState(row["state"]),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        seconds=seconds,
        by=row["started_by"],
        host=row["host"],
        version=row["version"],
        git_commit=row["git_commit"],
        backup=row["backup"],
        steps=outcomes(tries),
        migrations=tuple(row["migrations"]),
        error=row["error"],
        log_file=row["log_file"],
    )


def outcomes(tries: Iterable[Attempt]) -> tuple[StepOutcome, ...]:
    """What the tries came to, step by step, in the order of the steps' ids."""
    steps = [_outcome(tuple(group)) for _, group in groupby(tries, key=lambda attempt: attempt.step)]
    return tuple(sorted(steps, key=lambda step: [int(part) if part.isdigit() else 0 for part in step.id.split(".")]))


def _outcome(tries: tuple[Attempt, ...]) -> StepOutcome:
    last = tries[-1]
    locked = [attempt.locked_seconds for attempt in tries if attempt.locked_seconds is not None]
    return StepOutcome(
        id=last.step,
        migration=last.migration,
        kind=last.kind,
        state=_STATES[last.state],
        attempts=len(tries),
        started_at=tries[0].started_at,
        seconds=(last.ended_at - last.started_at).total_seconds() if last.ended_at else None,
        longest_lock_seconds=max(locked, default=None),
        waited_seconds=sum(attempt.waited_seconds for attempt in tries),
        effects=last.effects,
        error=last.error if last.state != "done" else None,
        blockers=next((attempt.blockers for attempt in reversed(tries) if attempt.blockers), ()),
        tries=() if len(tries) == 1 and last.state == "done" else tuple(map(_try, tries)),
    )


def _try(attempt: Attempt) -> Try:
    ended = attempt.ended_at
    return Try(
        number=attempt.number,
        state=attempt.state,
        started_at=attempt.started_at,
        seconds=(ended - attempt.started_at).total_seconds() if ended else None,
        waited_seconds=attempt.waited_seconds,
        error=attempt.error,
        blockers=attempt.blockers,
    )
