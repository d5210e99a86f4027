"""A run stopped again and again: after statements, after steps, in the middle of batches."""

from __future__ import annotations

from watari.evidence.event import Event, EventKind, EventSink
from watari.planning.plan import Plan, StepKind

#: A start costs about a tenth of a second, so a long plan is stopped in this many steps, spread over it.
_MOST = 40
_PLACES = (EventKind.STATEMENT, EventKind.STEP_ENDED, EventKind.PROGRESS)


class Stops:
    """Listens to a run and interrupts it once at each place of a step: a statement, the first batch, its end.

    `now`: a stop was made and not yet gone on from; `made`: how many there were. The framework's own command is let be.
    """

    def __init__(self, plan: Plan, events: EventSink) -> None:
        self.now = False
        self.made = 0
        self._events = events
        self._seen: set[tuple[str, EventKind, object]] = set()
        every = -(-len(plan.steps) // _MOST)
        steps = plan.steps[:: every or 1]
        self._steps = {step.id for step in steps if step.kind is not StepKind.COMMAND}

    def hear(self, event: Event) -> None:
        """Passes the event on, and interrupts where this is a new place; raises `KeyboardInterrupt`."""
        if event.kind is not EventKind.RUN_RESUMED or not self.made:  # forty lines of "continuing" tell nobody anything
            self._events(event)
        if event.kind not in _PLACES or event.step not in self._steps or self.now:
            return
        place = (event.step or "", event.kind, event.data.get("sql"))
        if place not in self._seen:
            self._seen.add(place)
            self.now = True
            self.made += 1
            raise KeyboardInterrupt

    def go_on(self) -> None:
        """The next start is about to be made."""
        self.now = False
