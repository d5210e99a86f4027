"""A framework's own command on the live database: behind the door, with a log of everything it sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from watari.errors.stopped import CommandHarms, CommandInterrupted
from watari.values import replace

if TYPE_CHECKING:
    from watari.crossing.line import Crossing
    from watari.evidence import Run
    from watari.evidence.recording import Recording
    from watari.execution.guarded import Guarded
    from watari.migrations import Standing
    from watari.reporting.report import Report


def guard(crossing: Crossing, argv: tuple[str, ...]) -> Guarded:
    """Runs it, bounded and written down; raises what `execution.guarded.guard` does, and what the framework says against it."""
    from watari.backup.clean import require_no_clean
    from watari.crossing.application import complaint_of
    from watari.crossing.running import both, circumstances_of, log_of
    from watari.execution.guarded import guard as guard_command
    from watari.monitoring.masking import masker

    require_no_clean(argv, crossing.target.url.database)
    before = _standing(crossing)
    framework = crossing.recognised
    if framework:
        framework.require_sensible(argv, crossing._history()[0] or ())
    circumstances = circumstances_of(crossing)
    crossing.sessions.end()
    with log_of(crossing, "guard", circumstances) as log:
        if before:
            log.before(before)
        try:
            guarded = guard_command(
                argv,
                url=crossing.address,
                folder=crossing.project.root,
                policy=crossing.target.policy,
                runner_keys=framework.lock_keys() if framework else (),
                circumstances=replace(circumstances, log_file=log.file),
                events=both(crossing.events, log),
                mask=masker(),
                http=complaint_of,
            )
        except (CommandHarms, CommandInterrupted) as ended:
            _remember(crossing, str(ended.fields["run"]), before, None)
            raise
        crossing.look_anew()
        if after := _standing(crossing):
            log.after(after)
    _remember(crossing, guarded.id, before, after)
    return replace(guarded, log_file=log.file)


def _standing(crossing: Crossing) -> Standing | None:
    """Files against history; None where the files cannot be read: the command can be run all the same."""
    from watari.errors.base import ExitStatus, WatariError

    try:
        return crossing.status()
    except WatariError as unreadable:
        if unreadable.status is ExitStatus.REACH:
            raise
        return None


def _remember(crossing: Crossing, run: str, before: Standing | None, after: Standing | None) -> None:
    """Keeps the run and its report, as the journal holds them; a server that is gone meanwhile tells tomorrow."""
    from watari.crossing.journaled import of_crossing
    from watari.errors.reach import ReachError
    from watari.execution.guarded_journal import guarded_recording, guarded_runs

    try:
        with crossing.connection("report") as connection:
            found = guarded_runs(connection, run)
            recording = guarded_recording(connection, run) if found else None
            version = connection.info.server_version
    except ReachError:
        return
    for each in found:
        told = crossing.remember("run", of_crossing(crossing, each))
        crossing.remember("report", _report(crossing, told, recording, version, before, after))


def _report(
    crossing: Crossing,
    run: Run,
    recording: Recording | None,
    version: int,
    before: Standing | None,
    after: Standing | None,
) -> Report:
    from watari.reporting.report import Report, Snapshot

    framework = crossing.recognised
    return Report(
        id=run.id,
        made_at=datetime.now(UTC).astimezone(),
        database=run.database,
        environment=run.environment,
        server=str(crossing.target.url),
        server_version=version,
        framework=framework.name if framework else None,
        git_commit=run.git_commit,
        by=run.by,
        host=run.host,
        version=run.version,
        run=run.id,
        before=Snapshot.of(before, at=run.started_at) if before else None,
        after=Snapshot.of(after, at=run.ended_at) if after else None,
        outcome=run,
        recording=recording,
    )
