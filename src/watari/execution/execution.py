"""What every step is given: the run, its connections, its journal and who listens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from watari.evidence.event import Event, EventKind, EventSink
from watari.execution.history import Attempt
from watari.execution.journal import Entry
from watari.execution.session import Session
from watari.frameworks.framework import Framework
from watari.migrations import Migration
from watari.planning.plan import Plan, Step
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One start of one run.

    `observe`: what each step locks, rewrites and reads is recorded, which costs a few queries a statement. `last` holds
    the newest try of each step as earlier starts left it, `began` when each migration's first step began, `locked` for how
    many seconds each step kept its locks.
    """

    run: str
    plan: Plan
    url: DatabaseUrl
    session: Session
    framework: Framework
    migrations: Mapping[str, Migration]
    policy: Policy
    events: EventSink
    observe: bool = False
    last: Mapping[str, Attempt] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    began: dict[str, datetime] = field(default_factory=dict)
    locked: dict[str, float] = field(default_factory=dict)
    felt: dict[str, float] = field(default_factory=dict)  # how long the application's canary waited last, in seconds
    changes_settings: frozenset[str | None] = frozenset()
    cuts: Callable[[Step], int | None] | None = (
        None  # after how many of its statements a step's tool is cut off, in rehearsals
    )
    deployed: frozenset[str] = frozenset()  # pauses after which a person says that the application is out

    def entry(self, step: Step) -> Entry:
        """The journal's row for the next try of `step`."""
        number = self.attempts.get(step.id, 0) + 1
        self.attempts[step.id] = number
        return Entry(run=self.run, step=step, attempt=number)

    def left_behind(self, step: Step) -> Attempt | None:
        """The try that an earlier start intended and never settled."""
        attempt = self.last.get(step.id)
        return attempt if attempt and attempt.state == "intended" else None

    def tell(self, kind: EventKind, step: Step | None = None, **data: object) -> None:
        """Lets the listeners know."""
        self.events(
            Event(
                kind=kind,
                data=data,
                run=self.run,
                step=step.id if step else None,
                migration=step.migration if step else None,
                database=self.plan.database,
            )
        )


def migrations_that_set(plan: Plan) -> frozenset[str | None]:
    """The migrations whose statements may change settings of the session: what they leave is reset after them."""
    return frozenset(
        step.migration for step in plan.steps if any("set" in text.lower() for text in step.sql + step.session)
    )


#: What a step's kind provides: it does the step, journals it, and raises a `RunStopped` where it cannot.
StepExecutor = Callable[[Step, Execution], None]
