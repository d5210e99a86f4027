"""The plan on a clone of its own, under the application's load: what its statements had to bear in each step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from watari.catalog import Catalog
from watari.evidence.application import ApplicationQuery
from watari.evidence.event import Event, EventKind, EventSink
from watari.evidence.run import Run
from watari.evidence.traffic import Traffic
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.preparing import Understood, put
from watari.rehearsal.traffic.load import Load, Sent
from watari.rehearsal.traffic.parameters import asked
from watari.rehearsal.traffic.values import Values
from watari.values import dataclass, field

_SESSIONS = 4
_QUIET_SECONDS = 2.0
_AFTER_SECONDS = 0.5


@dataclass(kw_only=True)
class _Clock:
    """When each step began and ended."""

    events: EventSink
    began: dict[str, float] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        self.events(event)
        if event.step and event.kind is EventKind.STEP_BEGAN:
            self.began.setdefault(event.step, time.monotonic())
        elif event.step and event.kind is EventKind.STEP_ENDED:
            self.ended[event.step] = time.monotonic()
            self.began.setdefault(event.step, self.ended[event.step])


def under_traffic(
    queries: Sequence[ApplicationQuery],
    *,
    url: DatabaseUrl,
    catalog: Catalog,
    rate: float,
    run: Callable[[EventSink], Run],
    events: EventSink,
) -> Traffic | None:
    """Runs the plan by `run` while `queries` are sent to the clone at `url`, `rate` of them a second.

    None where not one of the statements can be sent. Raises what `run` raises; the load is ended all the same.
    """
    statements = _statements(queries, url, catalog)
    if not statements:
        return None
    load, clock = Load(url, statements, sessions=_SESSIONS, rate=rate), _Clock(events=events)
    load.start()
    try:
        quiet = time.monotonic()
        time.sleep(_QUIET_SECONDS)
        begun = time.monotonic()
        run(clock.hear)
        time.sleep(_AFTER_SECONDS)
    finally:
        load.stop()
    return Traffic(
        sessions=_SESSIONS,
        rate=rate,
        statements=len(statements),
        refused=load.refused,
        idle=load.span(None, quiet, begun),
        steps=tuple(load.span(step, clock.began[step], ended) for step, ended in clock.ended.items()),
        failures=load.failures(),
    )


def _statements(queries: Sequence[ApplicationQuery], url: DatabaseUrl, catalog: Catalog) -> list[Sent]:
    found = []
    with connect(url, purpose="rehearsal") as connection:
        values = Values(connection, catalog)
        for query in queries:
            statement = asked(query.text)
            if statement and isinstance(put(query, connection), Understood):
                text = query.text.strip().rstrip(";")
                found.append(Sent(text=text, weight=query.calls or 1, draws=values.draws(statement)))
    return found
