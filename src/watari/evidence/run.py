"""What one execution of a plan did, step by step."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from watari.evidence.blocker import Blocker
from watari.evidence.effect import Effect
from watari.values import dataclass


class RunState(StrEnum):
    """Where a run stands; every state names what the same command will do next."""

    RUNNING = "running"  # a process holds it, or died holding it: starting resumes it
    STOPPED = "stopped"  # ended before its last step: starting resumes it
    DONE = "done"
    ROLLED_BACK = "rolled_back"  # a later run took it back


class StepState(StrEnum):
    """Where one step of a run stands."""

    PENDING = "pending"
    INTENDED = "intended"  # about to happen outside a transaction: settled from the catalog on the next start
    DONE = "done"
    FAILED = "failed"


class Direction(StrEnum):
    """Which way a run goes."""

    FORWARD = "forward"
    BACK = "back"
    RELEASE = "release"  # no migration comes or goes: what earlier runs kept is let go
    GUARDED = "guarded"  # another tool's own command, behind the door; watari has no plan of it


@dataclass(frozen=True, kw_only=True)
class Try:
    """One try of one step: `state` is "done", "gave_way", "failed", "interrupted" or "intended"."""

    number: int
    state: str
    started_at: datetime
    seconds: float | None = None
    waited_seconds: float = 0.0  # after it, holding nothing
    error: str | None = None
    blockers: tuple[Blocker | str, ...] = ()  # a line each where an older version wrote them


@dataclass(frozen=True, kw_only=True)
class Start:
    """One start of a run: who began or went on with it, where, and how that ended.

    `state` is "running", "stopped", "done", or "broken_off" where it was killed, which the next start finds out.
    """

    number: int
    state: str
    started_at: datetime
    ended_at: datetime | None = None
    by: str = ""
    host: str = ""
    version: str = ""
    git_commit: str | None = None
    log_file: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class StepOutcome:
    """What happened to one step: attempts counts every try, seconds those of the last; `tries` tells of each where the
    first one did not do it.
    """

    id: str
    migration: str | None
    kind: str
    state: StepState
    attempts: int = 0
    started_at: datetime | None = None
    seconds: float | None = None
    longest_lock_seconds: float | None = None
    waited_seconds: float = 0.0  # between attempts, holding nothing
    effects: tuple[Effect, ...] = ()
    error: str | None = None
    blockers: tuple[Blocker | str, ...] = ()  # who was in the way
    tries: tuple[Try, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of one plan on one database, as its journal holds it."""

    id: str  # "20261121-083015-4f2a": time of the first start and the plan's first hash digits
    plan_sha256: str
    database: str
    environment: str
    direction: Direction
    state: RunState
    started_at: datetime
    ended_at: datetime | None = None
    seconds: float | None = None
    by: str = ""
    host: str = ""
    version: str = ""
    git_commit: str | None = None
    backup: str | None = None
    steps: tuple[StepOutcome, ...] = ()
    migrations: tuple[str, ...] = ()  # ids applied (or taken back) by this run
    error: str | None = None
    log_file: str | None = None
    command: tuple[str, ...] = ()  # of a guarded run
    starts: tuple[Start, ...] = ()  # in order; empty where an older version ran it
