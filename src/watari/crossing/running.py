"""The run: gates first, then the runner under its log; a report is kept whatever the end."""

from __future__ import annotations

import getpass
import platform
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from watari import __version__
from watari.errors.reach import DatabaseMissing
from watari.errors.stopped import RunStopped
from watari.evidence import Direction, Event, EventSink

if TYPE_CHECKING:
    import psycopg

    from watari.crossing.line import Crossing
    from watari.crossing.way_back import WayBack
    from watari.evidence import Run
    from watari.execution.circumstances import Circumstances
    from watari.monitoring.log import RunLog
    from watari.planning.plan import Plan


def unfinished_plan(crossing: Crossing) -> Plan | None:
    """The plan of the run that stands half-way in the journal; reads only."""
    from watari.execution.history import unfinished

    try:
        with crossing.connection("status") as connection:
            found = unfinished(connection)
    except DatabaseMissing:
        return None
    if found is None:
        return None
    from watari.planning.canonical import loads

    return loads(found.plan)


def apply(crossing: Crossing, plan: Plan) -> Run:
    """Runs the plan forward; raises `GateRefused` before the first change, `RunStopped` with the journal saying how far."""
    from watari.crossing.permission import permit

    backup = None if unfinished_plan(crossing) else permit(crossing, plan)
    return _run(crossing, plan, permission=_same_fingerprint(crossing, plan), backup=backup)


def roll_back(crossing: Crossing, back: WayBack) -> Run:
    """Goes a way back that is a plan; one that is a backup restores it beside and swaps."""
    if back.plan is None:
        from watari.crossing.backups import roll_back_by_restore

        return roll_back_by_restore(crossing, back)
    return _run(crossing, back.plan, permission=_same_fingerprint(crossing, back.plan), backup=None)


def _run(
    crossing: Crossing,
    plan: Plan,
    *,
    permission: Callable[[psycopg.Connection], None],
    backup: str | None,
) -> Run:
    from watari.crossing import story
    from watari.execution import runner
    from watari.planning.canonical import dumps

    before = story.look(crossing, plan, judged=plan.direction is Direction.FORWARD)
    circumstances = replace(circumstances_of(crossing), backup=backup)
    with _log(crossing, plan, circumstances) as log:
        log.before(before.standing)
        try:
            run = runner.run(
                plan,
                dumps(plan),
                url=crossing.url,
                framework=crossing.framework,
                migrations=crossing.migrations,
                policy=crossing.target.policy,
                events=_both(crossing.events, log),
                circumstances=replace(circumstances, log_file=log.file),
                permission=permission,
            )
        except RunStopped as stopped:
            story.remember_stop(crossing, plan, before, stopped)
            raise
        finally:
            crossing.look_anew()
        run = replace(run, log_file=log.file)
        crossing.remember("run", run)
        after = story.look(crossing, plan)
        log.after(after.standing)
        log.ended(run)
    story.remember_run(crossing, plan, run, before, after)
    return run


def circumstances_of(crossing: Crossing) -> Circumstances:
    """Who starts, where, with which code."""
    from watari.execution.circumstances import Circumstances
    from watari.project.git import git_commit

    return Circumstances(
        by=_login(), host=platform.node(), version=__version__, git_commit=git_commit(crossing.project.root)
    )


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return ""


def _log(crossing: Crossing, plan: Plan, circumstances: Circumstances) -> RunLog:
    from watari.monitoring.log import Heading, RunLog, log_path

    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{crossing.target.database}-{plan.direction.value}"
    url = crossing.target.url
    heading = Heading(
        database=crossing.target.database,
        environment=crossing.target.environment,
        address=str(url),
        plan_sha256=plan.sha256,
        git_commit=circumstances.git_commit,
        by=circumstances.by,
        host=circumstances.host,
        version=circumstances.version,
    )
    return RunLog(
        log_path(crossing.project.root, name),
        heading,
        language=crossing.project.language,
        secrets=(url.password,) if url.password else (),
        events=crossing.events,
    )


def _both(first: EventSink, second: EventSink) -> EventSink:
    def tell(event: Event) -> None:
        second(event)
        first(event)

    return tell


def _same_fingerprint(crossing: Crossing, plan: Plan) -> Callable[[psycopg.Connection], None]:
    """Asked under watari's lock: the database is still the one that the plan was made for."""

    def ask(connection: psycopg.Connection) -> None:
        from watari.catalog.fingerprint import fingerprint
        from watari.errors.refused import PlanOutdated
        from watari.postgres.reader import read_catalog

        now = read_catalog(connection, leave_out=crossing.framework.history_tables())
        # a plan that makes its database was made for nothing, and a new database has what every new one has
        as_planned = now.blank if plan.makes(crossing.target.url.database) else fingerprint(now) == plan.fingerprint
        if not as_planned:
            raise PlanOutdated(database=plan.database, plan=plan.sha256[:12])

    return ask
