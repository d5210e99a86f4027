"""What happened, kept as one report: begun when a run ends, grown by verification and by the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watari import __version__
from watari.crossing.before import Before, keep_before, read_before
from watari.evidence import Direction
from watari.locale import Language
from watari.values import dataclass, field, replace

if TYPE_CHECKING:
    from watari.crossing.line import Crossing
    from watari.errors.stopped import RunStopped
    from watari.evidence import Run
    from watari.ledger.ledger import Ledger
    from watari.migrations import Standing
    from watari.planning.plan import Plan
    from watari.reporting.report import Report, Stall
    from watari.risk.hazard import Judgement
    from watari.verification.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class Look:
    """The database at one moment, as far as a report compares it."""

    standing: Standing
    at: datetime
    judgement: Judgement | None = None
    before: Before = field(default_factory=Before)


def look(crossing: Crossing, plan: Plan, *, judged: bool = False) -> Look:
    """Reads where the database stands; `judged`: also what its pending statements would do as written."""
    from watari.crossing.judging import judge_pending

    standing = crossing.status()
    touches = any(step.waits_for_locks for step in plan.steps)
    return Look(
        standing=standing,
        at=datetime.now(UTC),
        judgement=judge_pending(crossing) if judged and touches else None,
        before=read_before(crossing) if touches and not standing.absent else Before(),
    )


def remember_run(crossing: Crossing, plan: Plan, run: Run, before: Look, after: Look) -> None:
    """Keeps the report of a run that came to its end."""
    keep_before(crossing, run.id, before.before)
    crossing.remember("report", _told(crossing, plan, run, before, after))


def remember_stop(crossing: Crossing, plan: Plan, before: Look, stopped: RunStopped) -> None:
    """Keeps what is known of a run that stopped; the journal in the target knows the rest."""
    from watari.errors import WatariError
    from watari.execution.history import run_named, with_plan

    try:
        with crossing.connection("report") as connection:
            run = run_named(connection, str(stopped.fields.get("run", "")))
    except WatariError:  # the server is what broke off; the journal tells tomorrow
        return
    if run:
        keep_before(crossing, run.id, before.before)
        crossing.remember("run", run)
        crossing.remember("report", _told(crossing, plan, with_plan(run, plan), before, None))


def _told(crossing: Crossing, plan: Plan, run: Run, before: Look, after: Look | None) -> Report:
    from watari.reporting.report import Report, Snapshot
    from watari.verification.measures import measures

    return Report(
        id=run.id,
        made_at=datetime.now(UTC).astimezone(),
        database=run.database,
        environment=run.environment,
        server=str(crossing.target.url),
        server_version=plan.server_version,
        framework=crossing.framework.name,
        git_commit=run.git_commit,
        by=run.by,
        host=run.host,
        version=run.version or __version__,
        run=run.id,
        before=Snapshot.of(before.standing, at=before.at),
        after=Snapshot.of(after.standing, at=after.at) if after else None,
        hazards=before.judgement.hazards if before.judgement else (),
        judged_statements=len(before.judgement.statements) if before.judgement else 0,
        allowances=before.judgement.allowances if before.judgement else (),
        plan=plan,
        outcome=run,
        measures=measures(before.before.statistics, after.before.statistics) if after else (),
    )


# -- telling it again ---------------------------------------------------------------------------------------------------


def report_of(crossing: Crossing, run: str | None) -> Report:
    """The report of one run (the last forward one without a name), with everything that was remembered since."""
    from watari.errors.usage import NothingHappened
    from watari.ledger.ledger import Ledger

    with Ledger.open(crossing.project.root, crossing.project.ledger) as ledger:
        wanted = ledger.run(run) if run else _last(crossing, ledger)
        report = ledger.report_of(wanted.id) if wanted else None
        if wanted is None or report is None:
            raise NothingHappened(database=crossing.target.database)
        return _complete(ledger, report, wanted)


def _last(crossing: Crossing, ledger: Ledger) -> Run | None:
    runs = ledger.runs(database=crossing.target.database)
    forward = [run for run in runs if run.direction is Direction.FORWARD]
    return next(iter(forward or runs), None)


def _complete(ledger: Ledger, report: Report, run: Run) -> Report:
    sha = run.plan_sha256
    evidence = next(iter(ledger.evidence_for(sha)), None) if sha else None
    backups = ledger.backups(run.database)
    backup = next((b for b in backups if b.id == run.backup or (sha and b.plan_sha256 == sha)), None)
    back = next(
        (
            other
            for other in ledger.runs(database=run.database)
            if other.direction is Direction.BACK
            and other.started_at > run.started_at
            and set(other.migrations) & set(run.migrations)
        ),
        None,
    )
    told_back = ledger.report_of(back.id) if back else None
    return replace(
        report,
        evidence=report.evidence or evidence,
        backup=report.backup or backup,
        taken_back=back,
        verdicts_back=told_back.verdicts if told_back else (),
        made_at=datetime.now(UTC).astimezone(),
    )


def remember_verdicts(crossing: Crossing, run: str, verdicts: tuple[Verdict, ...]) -> None:
    """Adds what verification found to the report of the run."""
    _grow(crossing, run, lambda report: replace(report, verdicts=verdicts, made_at=datetime.now(UTC).astimezone()))


def remember_stalls(crossing: Crossing, run: str, stalls: tuple[Stall, ...]) -> None:
    """Adds how an application fared meanwhile to the report of the run."""
    _grow(crossing, run, lambda report: replace(report, stalls=stalls, made_at=datetime.now(UTC).astimezone()))


def _grow(crossing: Crossing, run: str, grown: Callable[[Report], Report]) -> None:
    from watari.ledger.ledger import Ledger

    with Ledger.open(crossing.project.root, crossing.project.ledger) as ledger:
        report = ledger.report_of(run)
    if report:
        crossing.remember("report", grown(report))


def report_path(crossing: Crossing, report: Report) -> Path:
    """Where a report is written when nobody says where."""
    return crossing.memory / "reports" / f"{report.id}.html"


def write_report(crossing: Crossing, language: Language, run: str | None = None) -> Path:
    """Writes the HTML report of a run into the project's memory; its path."""
    from watari.project.files import write_named
    from watari.reporting.writers import render

    report = crossing.report(run=run)
    path = report_path(crossing, report)
    write_named(path, render(report, "html", language).encode())
    return path
