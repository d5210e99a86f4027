"""How the application's statements fared while the plan ran on a clone."""

from __future__ import annotations

from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Span:
    """What the statements of one stretch of time had to bear; times are seconds, `step` is None for the quiet before."""

    step: str | None
    operations: int
    p99: float
    longest: float
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """A rehearsal under load: so many sessions sent so many statements a second; the quiet time first, then each step.

    `refused` statements broke a constraint with their sampled values, which says nothing about the plan. `failures` are the
    server's words for those that failed, each once.
    """

    sessions: int
    rate: float
    statements: int  # how many different ones were sent
    refused: int
    idle: Span
    steps: tuple[Span, ...]
    failures: tuple[str, ...] = ()

    @property
    def longest(self) -> float:
        """The longest stall of any step, seconds."""
        return max((span.longest for span in self.steps), default=0.0)
