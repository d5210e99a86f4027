"""A person's hand on a run that goes on elsewhere: its backfills are paused, go on, or change their speed."""

from __future__ import annotations

import psycopg

from watari.errors.usage import NoUnfinishedRun
from watari.execution import history, journal
from watari.execution.queries import load


def steer(
    connection: psycopg.Connection, run: str | None, *, paused: bool | None, speed: float | None, usual: float, by: str
) -> tuple[str, bool, float]:
    """Writes down the wish; the backfill sees it within a second, and so does a later start of the same run.

    `run` is an id or its beginning; None: the run that is not at its end. None for `paused` or `speed`: as it is; `usual` is
    the speed of a run that nobody has steered yet. Out come the run's id and what holds now. Raises `NoUnfinishedRun`, and
    `psycopg.Error` where this user may not write into the journal.
    """
    found = history.unfinished(connection)
    if found is None or (run and not found.run.id.startswith(run)):
        raise NoUnfinishedRun(database=connection.info.dbname, run=f" {run}" if run else "")
    journal.ensure(connection)  # a run of an older watari has no place for a wish
    values = {"run": found.run.id, "paused": paused, "speed": speed, "usual": usual, "by": by}
    row = connection.execute(load("pace_change"), values).fetchone()
    assert row is not None
    return found.run.id, row[0], row[1]
