"""The application's statements, asked of the clone before the plan and after each of its steps."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from watari.evidence.application import ApplicationQuery, Change, QueryChange, Survival, Unjudged
from watari.evidence.event import Event, EventKind
from watari.planning.plan import Plan, Step, StepKind
from watari.postgres.activity import shown_query
from watari.rehearsal.preparing import Answer, Refused, Understood, put
from watari.rehearsal.rowless import Pretence
from watari.rehearsal.survival import change
from watari.values import dataclass, field, replace

# beyond, statements are asked where a phase ends instead of after each step: an answer takes about half a millisecond
_ANSWERS = 60_000
_ORDER = list(Change)


@dataclass(kw_only=True)
class _Asked:
    """One statement, its answer before the plan, and the changes seen since, by kind."""

    query: ApplicationQuery
    before: Understood
    now: Understood | Refused
    seen: dict[Change, QueryChange] = field(default_factory=dict)


class Survey:
    """Listens to a run on a clone and asks between its steps; `connection` is to the clone and nobody else's.

    `rowless` is renewed before each question to a clone without rows.
    """

    def __init__(
        self,
        queries: Sequence[ApplicationQuery],
        plan: Plan,
        connection: psycopg.Connection,
        *,
        rowless: Pretence | None = None,
    ) -> None:
        self._connection = connection
        self._rowless = rowless
        if rowless:
            rowless.begin()
        answers = [(query, put(query, connection)) for query in queries]
        self._asked = [_Asked(query=q, before=a, now=a) for q, a in answers if isinstance(a, Understood)]
        self._unjudged = tuple(_unjudged(query, answer) for query, answer in answers if isinstance(answer, Refused))
        self._steps = {step.id: step for step in plan.steps}
        self._ends = _looks(plan, len(self._asked))

    def hear(self, event: Event) -> None:
        """Asks anew where a step ended after which something may be different."""
        step = self._steps.get(event.step or "")
        if event.kind is EventKind.STEP_ENDED and step and step.id in self._ends:
            self._look(step)

    def result(self) -> Survival:
        """What came out; costs count as they are at the end."""
        changes = [change for asked in self._asked for change in _told(asked)]
        changes.sort(key=_weight)
        return Survival(judged=len(self._asked), changes=tuple(changes), unjudged=self._unjudged)

    def _look(self, step: Step) -> None:
        if self._rowless:
            self._rowless.renew()
        for asked in self._asked:
            asked.now = put(asked.query, self._connection)
            found = change(asked.before, asked.now)
            _close(asked, step, found[0] if found else None)
            if found:
                _open(asked, step, *found)


def _looks(plan: Plan, queries: int) -> frozenset[str]:
    """The steps after which the statements are asked again: those that change what is there, or the last of each phase."""
    telling = [step for step in plan.steps if step.kind is not StepKind.BACKFILL]
    if queries * len(telling) > _ANSWERS:
        last = {step.phase: step.id for step in plan.steps}
        return frozenset(last.values())
    return frozenset(step.id for step in telling)


def _open(asked: _Asked, step: Step, kind: Change, detail: str) -> None:
    """A change that is there after this step: told from where it began, also where it was away in between."""
    known = asked.seen.get(kind)
    asked.seen[kind] = replace(known, until=None) if known else _noted(asked, step, kind, detail)


def _close(asked: _Asked, step: Step, now: Change | None) -> None:
    """Changes that are over since this step."""
    for kind, noted in asked.seen.items():
        if kind is not now and noted.until is None and kind is not Change.COSTLIER:
            asked.seen[kind] = replace(noted, until=step.id)


def _noted(asked: _Asked, step: Step, kind: Change, detail: str) -> QueryChange:
    now = asked.now if isinstance(asked.now, Understood) else None
    return QueryChange(
        query=shown_query(asked.query.text, longest=2000),
        source=asked.query.source,
        change=kind,
        detail=detail,
        calls=asked.query.calls,
        step=step.id,
        phase=step.phase.value,
        cost_before=asked.before.cost,
        cost_after=now.cost if now else None,
        shape_before=asked.before.shape,
        shape_after=now.shape if now else None,
    )


def _told(asked: _Asked) -> list[QueryChange]:
    """What of the changes is worth telling at the end: a plan that was dear only for a while is not."""
    last = change(asked.before, asked.now)
    kinds = [kind for kind in asked.seen if kind is not Change.COSTLIER or (last and last[0] is Change.COSTLIER)]
    return [asked.seen[kind] for kind in kinds]


def _weight(found: QueryChange) -> tuple[int, float, int]:
    more = (found.cost_after or 0.0) / max(found.cost_before or 1.0, 1.0)
    return _ORDER.index(found.change), -more, -(found.calls or 0)


def _unjudged(query: ApplicationQuery, answer: Answer) -> Unjudged:
    reason = answer.reason if isinstance(answer, Refused) else ""
    return Unjudged(query=shown_query(query.text, longest=2000), source=query.source, reason=reason)
