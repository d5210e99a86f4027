"""One crossing of one database, as everything that a report tells; the ledger keeps it, the writers render it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from watari.evidence.backup import Backup
from watari.evidence.evidence import Evidence
from watari.evidence.recording import Recording
from watari.evidence.run import Direction, Run
from watari.locale import Message
from watari.migrations.migration import Standing, State
from watari.planning.plan import Plan
from watari.risk.hazard import Allowance, Hazard
from watari.values import dataclass, field
from watari.verification.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Where the database stood against its files at one moment, without the files themselves."""

    state: State
    applied: int
    pending: tuple[str, ...] = ()  # ids
    last: str | None = None  # id of the last applied migration
    problems: tuple[Message, ...] = ()
    at: datetime | None = None

    @classmethod
    def of(cls, standing: Standing, *, at: datetime | None = None) -> Snapshot:
        """What of a `Standing` belongs into a report."""
        return cls(
            state=standing.state,
            applied=len(standing.applied),
            pending=tuple(migration.id for migration in standing.pending),
            last=standing.applied[-1].id if standing.applied else None,
            problems=tuple(problem.message for problem in standing.problems),
            at=at,
        )


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number before and after: `what` is "rows", "bytes", "sequential_scans", "index_scans" or "mean_seconds".

    `group` is "table", "index" or "statement", `object` the qualified name or the statement's text.
    """

    group: str
    object: str
    what: str
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, kw_only=True)
class Stall:
    """How an application fared that used the database all the time; `how` is "watari" or "naive" (the files as written)."""

    how: str
    longest_seconds: float
    requests: int = 0
    errors: int = 0
    p99_seconds: float | None = None
    seconds: float | None = None  # how long the migrations took
    per_second: tuple[float, ...] = ()  # the longest stall that began in each second, for the chart


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything about one crossing; what did not happen is None or empty and is then not told.

    `id` is that of the run, or of the moment where nothing ran. `server` is the address for people, without password.
    Messages stand in both languages until a writer renders them.
    """

    id: str
    made_at: datetime
    database: str
    environment: str
    server: str = ""
    server_version: int | None = None  # 150020
    framework: str | None = None
    git_commit: str | None = None
    by: str = ""
    host: str = ""
    version: str = ""  # of watari
    run: str | None = None  # id
    before: Snapshot | None = None
    after: Snapshot | None = None
    hazards: tuple[Hazard, ...] = ()
    judged_statements: int = 0
    allowances: tuple[Allowance, ...] = ()  # what comments in the files allow
    plan: Plan | None = None
    evidence: Evidence | None = None
    backup: Backup | None = None
    outcome: Run | None = None
    recording: Recording | None = None  # of another tool's command behind the door, without values
    verdicts: tuple[Verdict, ...] = ()
    measures: tuple[Measure, ...] = ()
    way_back: Plan | None = None  # the plan that would take this run back
    taken_back: Run | None = None  # the run that did
    verdicts_back: tuple[Verdict, ...] = ()  # after it was taken back
    stalls: tuple[Stall, ...] = ()
    kept: tuple[str, ...] = ()  # what was kept of rows that a step dropped or overwrote
    signed: Mapping[str, str] = field(default_factory=dict)  # checklist item: who ticked it, and when

    @property
    def direction(self) -> Direction:
        """Which way the crossing went."""
        if self.outcome:
            return self.outcome.direction
        return self.plan.direction if self.plan else Direction.FORWARD
