"""The run: gates first, then the runner under its log; a report is kept whatever the end."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from watari import __version__
from watari.crossing.application import complaint_of
from watari.crossing.meanwhile import imported_meanwhile
from watari.errors.reach import DatabaseMissing
from watari.errors.refused import FileChangedMidway, RollbackUnfinished
from watari.errors.stopped import RunStopped
from watari.evidence import Direction, Event, EventKind, EventSink, Run, RunState, StepState
from watari.planning.plan import Plan, StepKind
from watari.values import dataclass, replace

if TYPE_CHECKING:
    import psycopg

    from watari.catalog import Catalog
    from watari.crossing.line import Crossing
    from watari.crossing.way_back import WayBack
    from watari.execution.circumstances import Circumstances
    from watari.monitoring.log import RunLog

#: What a run needs once it has ended.
_TO_REMEMBER = ("msgspec", "watari.ledger.outbox", "watari.reporting.report", "watari.verification.measures")


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """The run forward that stands half-way, and its plan. `over`: it stands between two migrations, and the file of one that
    is left has changed since, so that a new plan takes its place."""

    run: Run
    plan: Plan
    over: bool


def unfinished_run(crossing: Crossing) -> Unfinished | None:
    """The run forward that stands half-way in the journal; reads only.

    Raises `RollbackUnfinished` where it is a way back, `FileChangedMidway` where a migration was begun whose file has changed.
    """
    from watari.execution.history import unfinished
    from watari.planning.canonical import loads

    try:
        with crossing.connection("status") as connection:
            found = unfinished(connection)
    except DatabaseMissing:
        return None
    if found is None:
        return None
    plan = loads(found.plan)
    if plan.direction is Direction.BACK:
        raise RollbackUnfinished(database=plan.database, run=found.run.id)
    begun, complete = _reached(found.run, plan)
    changed = edited(crossing, plan, without=complete)
    if changed and (half := sorted(begun - complete)):
        raise FileChangedMidway(file=changed[0], run=found.run.id, migration=half[0])
    return Unfinished(run=found.run, plan=plan, over=bool(changed))


def _reached(run: Run, plan: Plan) -> tuple[set[str], set[str]]:
    """The migrations of which something is done, or may be, and those that are complete."""
    done = {step.id for step in run.steps if step.state is StepState.DONE}
    complete = {step.migration or "" for step in plan.steps if step.completes and step.id in done}
    # a transaction that was not committed left nothing; of everything else a try may have left something
    begun = {step.migration or "" for step in run.steps if step.id in done or step.kind != StepKind.TRANSACTION}
    return begun, complete


def edited(crossing: Crossing, plan: Plan, *, without: Collection[str] = ()) -> tuple[str, ...]:
    """The files that the plan was made from and that are others now, by the framework's own rule, or gone."""
    from watari.migrations import HistoryRow

    files = {migration.id: migration for migration in crossing.migrations}
    same = crossing.framework.same_checksum
    planned = [(id, sum) for id, sum in plan.checksums if id not in without]
    return tuple(
        files[id].file if id in files else id
        for id, sum in planned
        if id not in files or not same(files[id], HistoryRow(id=id, name=id, checksum=sum))
    )


def apply(crossing: Crossing, plan: Plan, *, deployed: bool = False) -> Run:
    """Runs the plan forward, with `deployed` past the next pause for a deployment; raises `GateRefused` before the first change, `RunStopped` with the journal saying how far."""
    from watari.crossing.permission import permit

    found = unfinished_run(crossing)
    over = found.run.id if found and found.over else None
    backup = None if found and not over else permit(crossing, plan)
    return _run(
        crossing, plan, permission=_same_fingerprint(crossing, plan), backup=backup, instead_of=over, deployed=deployed
    )


def roll_back(crossing: Crossing, back: WayBack) -> Run:
    """Goes a way back that is a plan; one that is a backup restores it beside and swaps."""
    if back.plan is None:
        from watari.crossing.backups import roll_back_by_restore

        return roll_back_by_restore(crossing, back)
    return carry_out(crossing, back.plan)


def carry_out(crossing: Crossing, plan: Plan) -> Run:
    """Carries out a plan that needs no gate but that the database is still the one it was made for."""
    return _run(crossing, plan, permission=_same_fingerprint(crossing, plan), backup=None)


def _run(
    crossing: Crossing,
    plan: Plan,
    *,
    permission: Callable[[psycopg.Connection], None],
    backup: str | None,
    instead_of: str | None = None,
    deployed: bool = False,
) -> Run:
    from watari.crossing import story
    from watari.execution import runner
    from watari.planning.canonical import dumps

    before = story.look(crossing, plan, judged=plan.direction is Direction.FORWARD)
    circumstances = replace(circumstances_of(crossing), backup=backup)
    crossing.sessions.end()
    with log_of(crossing, plan.direction.value, circumstances, plan_sha256=plan.sha256) as log:
        log.before(before.standing)
        try:
            with imported_meanwhile(*_TO_REMEMBER):
                run = runner.run(
                    plan,
                    dumps(plan),
                    url=crossing.url,
                    framework=crossing.framework,
                    migrations=crossing.migrations,
                    policy=crossing.target.policy,
                    events=both(both(crossing.events, log), _remembers(crossing, plan, circumstances)),
                    circumstances=replace(circumstances, log_file=log.file),
                    permission=permission,
                    http=complaint_of,
                    instead_of=instead_of,
                    deployed=runner.Deployed.NEXT if deployed else runner.Deployed.NOTHING,
                )
        except RunStopped as stopped:
            story.remember_stop(crossing, plan, before, stopped)
            raise
        finally:
            crossing.look_anew()
        run = replace(run, log_file=log.file)
        crossing.remember("run", run)
        after = story.look(crossing, plan)
        log.after(after.standing)
        log.ended(run)
    story.remember_run(crossing, plan, run, before, after)
    return run


def steered(
    crossing: Crossing, run: str | None, *, paused: bool | None, speed: float | None
) -> tuple[str, bool, float]:
    """Pauses the backfills of the unfinished run, lets them go on, or sets their speed (part of the time, 0.01 to 1).

    The run's id and what holds now come out; raises `NoUnfinishedRun`, `PrivilegeMissing`.
    """
    from watari.execution.steering import steer

    usual = crossing.target.policy.backfill_speed
    with crossing.connection("runs") as connection:
        return steer(connection, run, paused=paused, speed=speed, usual=usual, by=_login())


def circumstances_of(crossing: Crossing) -> Circumstances:
    """Who starts, where, with which code."""
    from watari.execution.circumstances import Circumstances
    from watari.project.git import git_commit

    return Circumstances(
        by=_login(), host=os.uname().nodename, version=__version__, git_commit=git_commit(crossing.project.root)
    )


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return ""


def log_of(crossing: Crossing, what: str, circumstances: Circumstances, *, plan_sha256: str = "") -> RunLog:
    """The log of something that begins now; `what` stands in its name."""
    from watari.monitoring.log import Heading, RunLog, log_path

    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{crossing.target.database}-{what}"
    url = crossing.target.url
    heading = Heading(
        database=crossing.target.database,
        environment=crossing.target.environment,
        address=str(url),
        plan_sha256=plan_sha256,
        git_commit=circumstances.git_commit,
        by=circumstances.by,
        host=circumstances.host,
        version=circumstances.version,
    )
    return RunLog(
        log_path(crossing.project.root, name),
        heading,
        language=crossing.project.language,
        secrets=(url.password,) if url.password else (),
        events=crossing.events,
    )


def _remembers(crossing: Crossing, plan: Plan, circumstances: Circumstances) -> EventSink:
    """Keeps a run from its first moment on: one that is killed never says how it ended."""

    def tell(event: Event) -> None:
        if event.kind is EventKind.RUN_BEGAN and event.run:
            crossing.remember(
                "run",
                Run(
                    id=event.run,
                    plan_sha256=plan.sha256,
                    database=plan.database,
                    environment=plan.environment,
                    direction=plan.direction,
                    state=RunState.RUNNING,
                    started_at=event.at,
                    by=circumstances.by,
                    host=circumstances.host,
                    version=circumstances.version,
                    git_commit=circumstances.git_commit,
                    backup=circumstances.backup,
                    migrations=plan.migrations,
                ),
            )

    return tell


def both(first: EventSink, second: EventSink) -> EventSink:
    """One sink for two; the second hears first."""

    def tell(event: Event) -> None:
        second(event)
        first(event)

    return tell


def is_as_planned(crossing: Crossing, plan: Plan, now: Catalog) -> bool:
    """Whether the database is still the one that the plan was made for."""
    if plan.makes(crossing.target.url.database):
        # it was made for nothing at all, and a new database has what every new one has
        return now.blank
    return crossing.fingerprint(now) == plan.fingerprint


def _same_fingerprint(crossing: Crossing, plan: Plan) -> Callable[[psycopg.Connection], None]:
    """Asked under watari's lock: the database is still the one that the plan was made for."""

    def ask(connection: psycopg.Connection) -> None:
        from watari.errors.refused import PlanOutdated
        from watari.postgres.reader import read_catalog

        if crossing.still_fits(plan, connection):
            return
        now = read_catalog(connection, leave_out=crossing.framework.history_tables())
        if not is_as_planned(crossing, plan, now):
            raise PlanOutdated(database=plan.database, plan=plan.sha256[:12])

    return ask
