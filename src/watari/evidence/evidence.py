"""What a rehearsal saw, tied to the plan's hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from watari.evidence.application import Survival
from watari.evidence.run import StepOutcome


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
    application: Survival | None = None  # None: nothing was known of the application's statements

    @property
    def sound(self) -> bool:
        """Whether the plan ran and every proof that could be tried holds."""
        return self.error is None and all(proof.holds or proof.skipped for proof in self.proofs)
