"""Runs a plan, or goes on with it: every start of an unfinished run resumes it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from enum import Enum
from itertools import takewhile

import psycopg
from psycopg import sql

from watari.errors.reach import ReachError
from watari.errors.refused import RunUnfinished
from watari.errors.stopped import ApplicationSuffers, MemorySpent, RunInterrupted, RunStopped
from watari.evidence.event import EventKind, EventSink, ignore, said
from watari.evidence.run import Direction, Run, RunState, StepState
from watari.execution import history, journal, pipeline
from watari.execution.canary import Canary, HttpProbe
from watari.execution.circumstances import Circumstances
from watari.execution.execution import Execution, migrations_that_set
from watari.execution.failure import not_begun, shown, stopped
from watari.execution.interruption import as_interrupt, undisturbed
from watari.execution.prechecks import require
from watari.execution.room import require_room
from watari.execution.session import Session
from watari.execution.standbys import wait_for_standbys
from watari.execution.steps import create_database, executor
from watari.frameworks.framework import Framework
from watari.migrations import Migration, RowState
from watari.planning.plan import Plan, Step, StepKind
from watari.postgres.connection import reach_error
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.values import dataclass, replace

#: What a transaction ends with where somebody else makes the same tables at the same moment.
_MADE_BY_OTHERS = (
    psycopg.errors.UniqueViolation,
    psycopg.errors.DuplicateObject,
    psycopg.errors.DuplicateTable,
    psycopg.errors.DuplicateSchema,
    psycopg.errors.InFailedSqlTransaction,
)

#: Asked on a connection that holds watari's lock, before a new run begins; raises a condition to refuse it.
Permission = Callable[[psycopg.Connection], None]


class Deployed(Enum):
    """Past how many of the pauses that are left a start goes: what a person says is out."""

    NOTHING = 0
    NEXT = 1
    EVERYTHING = None


_PURPOSES = {Direction.FORWARD: "apply", Direction.BACK: "rollback", Direction.RELEASE: "release"}


def run(
    plan: Plan,
    plan_bytes: bytes,
    *,
    url: DatabaseUrl,
    framework: Framework,
    migrations: Sequence[Migration],
    policy: Policy,
    events: EventSink = ignore,
    circumstances: Circumstances | None = None,
    permission: Permission | None = None,
    observe: bool = False,
    without: Collection[str] = (),
    instead_of: str | None = None,
    deployed: Deployed = Deployed.NOTHING,
    http: HttpProbe | None = None,
    cuts: Callable[[Step], int | None] | None = None,
) -> Run:
    """Takes the database at `url` through `plan`; what the journal then holds comes out.

    `plan_bytes` is the plan's canonical JSON, kept in the journal. An unfinished run of the same plan goes on where it
    stands; a plan that is done, and whose migrations the history still shows, is not done again. `permission` is asked
    under the lock before a new run begins: the place to compare fingerprints. `without`: ids of steps that are taken as
    done. `instead_of`: the unfinished run that stands between two migrations and is not gone on with. `deployed`: past which
    pauses it goes. `http` asks the policy's canary_url. `cuts`: where the framework's own tool is cut off, for a step that
    begins; None: nowhere. Raises `ReachError` (`RunBusy` among them), `GateRefused`
    (`PrecheckFailed`, `RunUnfinished`) where nothing was changed, and `RunStopped` (`RunInterrupted` among them) where the
    journal says how far it came.
    """
    start = _Start(
        plan=replace(plan, steps=tuple(step for step in plan.steps if step.id not in without)),
        plan_bytes=plan_bytes,
        url=url,
        framework=framework,
        migrations=migrations,
        policy=policy,
        events=events,
        circumstances=circumstances or Circumstances(),
        permission=permission,
        observe=observe,
        instead_of=instead_of,
        deployed=deployed,
        http=http,
        cuts=cuts,
    )
    with as_interrupt():
        create_database.make_first(start.plan, url)
        keys = framework.lock_keys()
        with Session.open(url, runner_keys=keys, policy=policy, purpose=start.purpose) as session:
            return start.go(session)


@dataclass(frozen=True, kw_only=True)
class _Start:
    """One start, as the caller asked for it."""

    plan: Plan
    plan_bytes: bytes
    url: DatabaseUrl
    framework: Framework
    migrations: Sequence[Migration]
    policy: Policy
    events: EventSink
    circumstances: Circumstances
    permission: Permission | None
    observe: bool
    instead_of: str | None
    deployed: Deployed
    http: HttpProbe | None
    cuts: Callable[[Step], int | None] | None

    @property
    def purpose(self) -> str:
        return _PURPOSES[self.plan.direction]

    def go(self, session: Session) -> Run:
        """Everything that happens while the locks are held."""
        try:
            return self._go(session)
        except KeyboardInterrupt:  # between the run's row and its first step: the row is given its state
            with undisturbed():
                session.abandon()
                found = _left_running(session.guard, self.plan)
                if found is None:
                    raise
                condition = RunInterrupted(run=found, step=self.plan.steps[0].id if self.plan.steps else "-")
                journal.stop(session.guard, found, str(condition))
            raise condition from None

    def _go(self, session: Session) -> Run:
        try:
            begun = _begun(session.work, self.plan, self.instead_of)
            if begun is None and (finished := _finished(session.work, self.plan, self.framework)):
                return finished
            done = {step.id for step in begun.steps if step.state is StepState.DONE} if begun else set()
            self._permit(session.work, begun, done)
            name = self._write_start(session.work, begun)
            session.name(f"{self.purpose} {name}")
            execution = self._execution(session, name)
        except psycopg.Error as failure:
            raise not_begun(failure, session.work) from failure
        kind = EventKind.RUN_RESUMED if begun else EventKind.RUN_BEGAN
        steps = [step for step in self.plan.steps if step.id not in done]
        execution.tell(kind, plan=self.plan.sha256, steps=len(self.plan.steps), left=len(steps))
        return _Course(execution, steps, self._canary(execution)).run()

    def _canary(self, execution: Execution) -> Canary:
        return Canary(
            self.url,
            self.policy,
            self.http,
            tell=lambda message: execution.tell(EventKind.WARNING, None, **said(message)),
            cancel=lambda: execution.session.work.cancel_safe(timeout=5),
            felt=lambda seconds: execution.felt.update(canary=seconds),
        )

    def _permit(self, work: psycopg.Connection, begun: Run | None, done: Collection[str]) -> None:
        if begun is None and self.permission:
            self.permission(work)
        require([check for check in self.plan.prechecks if check.step not in done], work, self.events)

    def _write_start(self, work: psycopg.Connection, begun: Run | None) -> str:
        """The journal, the framework's table and the run's row in one transaction, which waits for the disk once."""
        try:
            with work.transaction():
                return self._start_written(work, begun)
        except _MADE_BY_OTHERS:
            return self._start_written(work, begun)

    def _start_written(self, work: psycopg.Connection, begun: Run | None) -> str:
        journal.ensure(work)
        _create_history(work, self.framework)
        if begun:
            journal.resume(work, begun.id, self.circumstances)
            return begun.id
        return journal.begin(work, self.plan, self.plan_bytes, self.circumstances)

    def _execution(self, session: Session, name: str) -> Execution:
        tries = history.attempts(session.work, name)
        execution = Execution(
            run=name,
            plan=self.plan,
            url=self.url,
            session=session,
            framework=self.framework,
            migrations={migration.id: migration for migration in self.migrations},
            policy=self.policy,
            events=self.events,
            observe=self.observe,
            cuts=self.cuts,
            last={attempt.step: attempt for attempt in tries},
            attempts={attempt.step: attempt.number for attempt in tries},
            changes_settings=migrations_that_set(self.plan),
            deployed=self._passed(tries),
        )
        for attempt in tries:
            execution.began.setdefault(attempt.migration or "", attempt.started_at)
        return execution

    def _passed(self, tries: Sequence[history.Attempt]) -> frozenset[str]:
        """The pauses that this start goes past."""
        done = {attempt.step for attempt in tries if attempt.state == "done"}
        pauses = [step.id for step in self.plan.steps if step.kind is StepKind.PAUSE and step.id not in done]
        return frozenset(pauses[: self.deployed.value])


class _Course:
    """The steps of one start, in order."""

    def __init__(self, execution: Execution, steps: Sequence[Step], canary: Canary) -> None:
        self._execution = execution
        self._canary = canary
        self._left = list(steps)

    def run(self) -> Run:
        """Does what is left; the finished run comes out. Raises `RunStopped` with the journal saying how far it came."""
        session = self._execution.session
        with self._in_a_named_state():
            with self._canary:
                while self._left:
                    self._next()
            journal.end(session.work, self._execution.run, self._execution.plan)
        found = history.run_named(session.work, self._execution.run)
        if found is None:
            raise LookupError(self._execution.run)
        self._execution.tell(EventKind.RUN_ENDED, state=found.state.value, seconds=found.seconds)
        return history.with_plan(found, self._execution.plan)

    def _next(self) -> None:
        """The next step, or as many as fit into the fast way; what is to be observed goes one by one."""
        quick = [] if self._execution.observe else list(takewhile(pipeline.fits, self._left))
        if len(quick) > 1:
            ended = pipeline.execute(quick, self._execution)
            del self._left[:ended]
            if ended == len(quick):
                return
        step = self._left[0]
        wait_for_standbys(step, self._execution)
        require_room(step, self._execution)
        self._do(step)
        del self._left[0]

    def _do(self, step: Step) -> None:
        execution = self._execution
        began = datetime.now(UTC)
        if step.migration:
            execution.began.setdefault(step.migration, began)
        execution.tell(
            EventKind.STEP_BEGAN,
            step,
            step_kind=step.kind.value,
            sql=[shown(text) for text in step.sql],
            place=step.as_written,
        )
        executor(step.kind)(step, execution)
        seconds = (datetime.now(UTC) - began).total_seconds()
        execution.tell(
            EventKind.STEP_ENDED,
            step,
            state=StepState.DONE.value,
            attempts=execution.attempts.get(step.id, 1),
            seconds=round(seconds, 6),
            longest_lock_seconds=execution.locked.get(step.id),
        )

    @contextlib.contextmanager
    def _in_a_named_state(self) -> Iterator[None]:
        """Whatever ends the block early is written down, and raised as the condition that it is."""
        try:
            yield
        except KeyboardInterrupt:
            with undisturbed():
                self._execution.session.abandon()
                interrupted = RunInterrupted(run=self._execution.run, step=self._reached().id)
                raise self._stopped(self._suffers() or interrupted) from None
        except RunStopped as condition:
            raise self._stopped(self._suffers() or condition) from condition.__cause__
        except psycopg.Error as failure:
            raise self._stopped(stopped(failure, run=self._execution.run, step=self._step)) from failure
        except MemoryError:
            raise self._stopped(MemorySpent(run=self._execution.run, step=self._step.id)) from None
        except Exception as condition:
            self._write_stop(str(condition))
            raise

    def _suffers(self) -> ApplicationSuffers | None:
        """The condition, where it was the canary that ended the block."""
        complaint = self._canary.complaint
        run, step = self._execution.run, self._reached().id
        return ApplicationSuffers(run=run, step=step, complaint=complaint) if complaint else None

    @property
    def _step(self) -> Step:
        return self._left[0] if self._left else self._execution.plan.steps[-1]

    def _reached(self) -> Step:
        """The first step that is not done, as the journal has it: of many in one message nobody here knows."""
        execution = self._execution
        with contextlib.suppress(psycopg.Error):
            tries = history.attempts(execution.session.guard, execution.run)
            done = {attempt.step for attempt in tries if attempt.state == StepState.DONE}
            self._left = [step for step in self._left if step.id not in done]
        return self._step

    def _stopped(self, condition: RunStopped) -> RunStopped:
        self._write_stop(str(condition))
        return condition

    def _write_stop(self, error: str) -> None:
        execution = self._execution
        try:
            journal.stop(execution.session.guard, execution.run, error)
        except psycopg.Error:
            # a server that is gone leaves the run as running, which resumes too
            with contextlib.suppress(psycopg.Error, ReachError):
                execution.session.farewell(execution.url, lambda own: journal.stop(own, execution.run, error))
        execution.tell(EventKind.RUN_ENDED, self._step, state=RunState.STOPPED.value, error=error)


def _left_running(connection: psycopg.Connection, plan: Plan) -> str | None:
    """The id of the run of this plan that the journal calls running; the asking session holds the lock of all runs."""
    with contextlib.suppress(psycopg.Error):
        found = history.unfinished(connection)
        if found and found.run.plan_sha256 == plan.sha256 and found.run.state is RunState.RUNNING:
            return found.run.id
    return None


def _begun(connection: psycopg.Connection, plan: Plan, instead_of: str | None) -> Run | None:
    """The unfinished run that this start goes on with; raises `RunUnfinished` where it is another plan's."""
    found = history.unfinished(connection)
    if found is None or found.run.id == instead_of:
        return None
    if found.run.plan_sha256 == plan.sha256:
        return found.run
    if plan.direction is Direction.BACK and plan.of_run == found.run.id:
        return None  # the way back from half-way
    raise RunUnfinished(
        database=plan.database, run=found.run.id, unfinished=found.run.plan_sha256[:12], plan=plan.sha256[:12]
    )


def _finished(connection: psycopg.Connection, plan: Plan, framework: Framework) -> Run | None:
    """The run that did this plan already, if it was the last one and the framework's history still shows it."""
    found = history.last_done(connection, plan.sha256)
    if found is None:
        return None
    applied = {row.id for row in framework.history(connection) if row.state is RowState.APPLIED}
    forward = plan.direction is not Direction.BACK
    as_left = applied.issuperset(plan.migrations) if forward else applied.isdisjoint(plan.migrations)
    return history.with_plan(found, plan) if as_left else None


def _create_history(work: psycopg.Connection, framework: Framework) -> None:
    """The framework's own table; somebody else may be making it at the same moment."""
    statements = framework.create_history()
    for last in (False, True):
        try:
            for statement in statements:
                work.execute(sql.SQL("{}").format(statement))
        except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable, psycopg.errors.DuplicateSchema):
            if last:
                raise
        except psycopg.errors.InsufficientPrivilege as refused:
            raise reach_error(refused, work) or refused from None
        else:
            return
