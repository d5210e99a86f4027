"""What a rehearsal saw, tied to the plan's hash."""

from __future__ import annotations

from datetime import datetime

from watari.evidence.application import Survival
from watari.evidence.run import StepOutcome
from watari.evidence.traffic import Traffic
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One claim that the rehearsal put to the test; `differences` are lines that say where it failed.

    `losses` say what is not as before although the claim holds: what the plan takes away for good, with rows and columns.
    """

    name: str  # "up", "once", "application", "down", "up_again", "resumed"
    holds: bool
    differences: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    skipped: str | None = None  # why it could not be tried


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How long one step will take on the database itself, and how long its longest lock will be held; ranges in seconds.

    `rehearsed` is what it took on the clone, `scale` how many times as much data the database has for it.
    """

    step: str
    rehearsed: float
    low: float
    high: float
    lock_low: float | None = None
    lock_high: float | None = None
    scale: float = 1.0

    @property
    def middle(self) -> float:
        """The geometric middle of the range: as far from its low end as from its high one."""
        return float((self.low * self.high) ** 0.5)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The plan on a clone: what each step did, and which proofs hold."""

    id: str
    plan_sha256: str
    database: str
    clone: str  # which way the clone was made: "template", "dump"
    clone_seconds: float
    clone_bytes: int
    started_at: datetime
    seconds: float
    steps: tuple[StepOutcome, ...] = ()
    proofs: tuple[Proof, ...] = ()
    error: str | None = None
    expected: tuple[Expected, ...] = ()
    speed: float = 1.0  # of the clone's server, as a multiple of the database's own
    corrected: float = 1.0  # by what earlier runs on this database took against what was expected
    traffic: Traffic | None = None  # None: not rehearsed under load
    application: Survival | None = None  # None: nothing was known of the application's statements

    @property
    def sound(self) -> bool:
        """Whether the plan ran and every proof that could be tried holds."""
        return self.error is None and all(proof.holds or proof.skipped for proof in self.proofs)
