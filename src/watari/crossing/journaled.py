"""What the journal in a database knows of runs that the project's own memory does not: those that were killed or run elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from watari.evidence.run import RunState
from watari.values import replace

if TYPE_CHECKING:
    from watari.crossing.line import Crossing
    from watari.evidence import Run


def catch_up(crossing: Crossing, known: Mapping[str, RunState]) -> bool:
    """Takes what is news into the project's memory; whether anything was. Raises a `ReachError`; reads the database only."""
    from watari.execution.guarded_journal import guarded_runs
    from watari.execution.history import plan_of, runs, with_plan
    from watari.planning.canonical import loads

    with crossing.connection("runs") as connection:
        news = [run for run in runs(connection) if known.get(run.id) is not run.state]
        for run in news:
            plan = plan_of(connection, run.id)
            whole = with_plan(run, loads(plan)) if plan else run
            crossing.remember("run", of_crossing(crossing, whole))
        commands = [run for run in guarded_runs(connection) if known.get(run.id) is not run.state]
        for run in commands:
            crossing.remember("run", of_crossing(crossing, run))
    return bool(news or commands)


def of_crossing(crossing: Crossing, run: Run) -> Run:
    """The run with the names that its database has in this project."""
    database, environment = crossing.target.database, crossing.target.environment
    return replace(run, database=run.database or database, environment=run.environment or environment)
