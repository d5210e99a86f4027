"""Whether the application's statements survive a plan: what was asked of the clone, and what came out otherwise."""

from __future__ import annotations

from enum import StrEnum

from watari.values import dataclass


class Change(StrEnum):
    """What became of a statement of the application."""

    FAILS = "fails"  # the server refuses it now
    LACKS = "lacks"  # an INSERT that leaves out a column which is required now
    RESULT = "result"  # names or types of its columns are others: cached plans of running sessions break once
    PARAMETERS = "parameters"  # a parameter has another type: clients that send binary values break
    COSTLIER = "costlier"  # the planner expects more work than before


#: The changes after which the application as it is does not go on working.
BREAKING = (Change.FAILS, Change.LACKS)


@dataclass(frozen=True, kw_only=True)
class ApplicationQuery:
    """One statement that the application sends, whole.

    `source` says where it was found: "pg_stat_statements", "orders.sql:12", "postgresql.log:88". `calls` is how often the
    server counted it, `role` who sent it; None where that is not known.
    """

    text: str
    source: str
    calls: int | None = None
    role: str | None = None


@dataclass(frozen=True, kw_only=True)
class QueryChange:
    """One statement and how it changed.

    `step` is the first step after which it was so, `until` the step after which it was as before again (None: it stays).
    `detail` are the server's own words, or the types before and after. `cost_before` and `cost_after` are the planner's
    units for a generic plan, `shape_before` and `shape_after` its nodes. `hazards` are the rules that warned of the step.
    """

    query: str
    source: str
    change: Change
    detail: str
    calls: int | None = None
    step: str | None = None
    phase: str | None = None
    until: str | None = None
    cost_before: float | None = None
    cost_after: float | None = None
    shape_before: str | None = None
    shape_after: str | None = None
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unjudged:
    """A statement that the server refused before the plan began, and why."""

    query: str
    source: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Survival:
    """All statements that were asked of the clone: how many were judged, which were not, which changed; worst first."""

    judged: int
    changes: tuple[QueryChange, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()

    @property
    def broken(self) -> tuple[QueryChange, ...]:
        """The changes after which the application as it is does not go on working."""
        return tuple(change for change in self.changes if change.change in BREAKING)
