"""How fast one server is against another, by the same small piece of work on both."""

from __future__ import annotations

import time

from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.rehearsal.queries import load

_TIMES = 3


def speed_against(clone: DatabaseUrl, source: DatabaseUrl) -> float:
    """How many times as fast the clone's server works: 2.0 where the source takes twice as long; 1.0 on the same server."""
    if (clone.host, clone.port) == (source.host, source.port):
        return 1.0
    return _seconds(source) / _seconds(clone)


def _seconds(url: DatabaseUrl) -> float:
    """The quickest of a few, so that what else the machine does counts little."""
    found = []
    with connect(url, purpose="rehearsal") as connection:
        for _ in range(_TIMES):
            began = time.perf_counter()
            connection.execute(load("speed"))
            found.append(time.perf_counter() - began)
    return min(found)
