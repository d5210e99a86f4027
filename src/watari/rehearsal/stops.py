"""A run stopped again and again: after statements, after steps, in the middle of batches, in the framework's own tool."""

from __future__ import annotations

from collections.abc import Mapping

from watari.evidence.event import Event, EventKind, EventSink
from watari.planning.plan import Plan, Step, StepKind

#: A start costs about a tenth of a second, so a long plan is stopped in this many steps, spread over it.
_MOST = 40
#: A start of a tool costs a second or more: so often in all, and so often in one step.
_MOST_CUTS, _CUTS_OF_ONE = 20, 5
_PLACES = (EventKind.STATEMENT, EventKind.STEP_ENDED, EventKind.PROGRESS)
_BY_A_TOOL = (StepKind.COMMAND, StepKind.AROUND)


class Stops:
    """Listens to a run and interrupts it once at each place of a step: a statement, the first batch, its end.

    `now`: a stop was made and not yet gone on from; `made`: how many there were. Of a step that runs a tool, `sent` says how
    many statements that sends: it is cut off after the first, the last, and some between.
    """

    def __init__(self, plan: Plan, events: EventSink, sent: Mapping[str, int] | None = None) -> None:
        self.now = False
        self.made = 0
        self._events = events
        self._seen: set[tuple[str, EventKind, object]] = set()
        every = -(-len(plan.steps) // _MOST)
        steps = plan.steps[:: every or 1]
        self._steps = {step.id for step in steps if step.kind not in _BY_A_TOOL}
        by_a_tool = [step.id for step in plan.steps if step.kind in _BY_A_TOOL and (sent or {}).get(step.id)]
        most = min(_CUTS_OF_ONE, max(1, _MOST_CUTS // max(1, len(by_a_tool))))
        self._cuts = {id: spread((sent or {})[id], most) for id in by_a_tool[:_MOST_CUTS]}

    def cut(self, step: Step) -> int | None:
        """After how many statements the tool of a step that begins is cut off; None: it is let be."""
        places = self._cuts.get(step.id)
        if not places:
            return None
        self.now = True
        self.made += 1
        return places.pop(0)

    def hear(self, event: Event) -> None:
        """Passes the event on, and interrupts where this is a new place; raises `KeyboardInterrupt`."""
        if event.kind is not EventKind.RUN_RESUMED or not self.made:  # forty lines of "continuing" tell nobody anything
            self._events(event)
        if event.kind is EventKind.STEP_ENDED and event.step in self._cuts:
            self.now = False  # it came to its end all the same
            return
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


def spread(count: int, most: int) -> list[int]:
    """At most so many of the numbers 1 to `count`, the first and the last among them, in order.

    After the last one there may be nothing left to be cut off: the tool has heard that it came through.
    """
    if count <= most:
        return list(range(1, count + 1))
    if most == 1:
        return [count - 1]
    return sorted({1 + round(place * (count - 1) / (most - 1)) for place in range(most)})
