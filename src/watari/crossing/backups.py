"""Backups of this database, and the way back through one of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from watari.evidence import Direction, Run, RunState, VerificationLevel

if TYPE_CHECKING:
    from watari.backup.retention import Decision
    from watari.crossing.line import Crossing
    from watari.crossing.way_back import WayBack
    from watari.evidence import Backup
    from watari.evidence.restoration import KeptDatabase, Restoration
    from watari.planning.plan import Plan


def back_up(
    crossing: Crossing,
    *,
    content: str,
    format: str,
    compression: str,
    jobs: int,
    restore: bool,
    plan: Plan | None,
) -> Backup:
    """Dumps, and proves the dump as far as asked."""
    from watari.backup.create import create

    made = create(
        crossing.target.url,
        folder=crossing.project.backup_folder,
        content=content,
        format=format,
        environment=crossing.target.environment,
        jobs=jobs if format == "directory" else 1,
        compression=compression,
        events=crossing.events,
        plan_sha256=plan.sha256 if plan else None,
        policy=crossing.target.policy,
    )
    return prove(crossing, made, VerificationLevel.RESTORED if restore else VerificationLevel.READ)


def prove(crossing: Crossing, backup: Backup, level: VerificationLevel = VerificationLevel.RESTORED) -> Backup:
    """The backup with how far it holds."""
    from watari.backup.verification import verify

    return verify(
        backup, url=crossing.target.url, level=level, events=crossing.events, language=crossing.project.language
    )


def listed(crossing: Crossing) -> tuple[Backup, ...]:
    """The backups of this database, oldest first."""
    from watari.backup.shelf import list_backups

    folder = crossing.project.backup_folder
    if not folder.exists():
        return ()
    return list_backups(folder, database=crossing.target.url.database)


def found(crossing: Crossing, name: str | None) -> Backup:
    """One backup by the beginning of its id, the newest full one without a name; raises `BackupUnknown`."""
    from watari.backup.shelf import find

    return find(crossing.project.backup_folder, name, database=crossing.target.url.database)


def prune(crossing: Crossing, *, keep: int, days: int, dry_run: bool) -> tuple[Decision, ...]:
    """Removes what no rule keeps."""
    from watari.backup.retention import prune as prune_folder

    return prune_folder(
        crossing.project.backup_folder,
        keep_last=keep,
        keep_days=days,
        database=crossing.target.url.database,
        unfinished=_leaning(crossing),
        dry_run=dry_run,
    )


def _leaning(crossing: Crossing) -> Collection[tuple[str, str]]:
    """The unfinished run and the backup that it leans on."""
    from watari.errors import ReachError
    from watari.execution.history import unfinished

    try:
        with crossing.connection("prune") as connection:
            open_run = unfinished(connection)
    except ReachError:  # a server that is away is no reason to keep everything
        return ()
    return ((open_run.run.id, open_run.run.backup),) if open_run and open_run.run.backup else ()


def restore(crossing: Crossing, what: str | None, *, name: str | None, swap: bool) -> Restoration:
    """A backup, or a dump file, beside the live database; with `swap` in its place."""
    from watari.backup.restore import restore as restore_backup

    source = Path(what) if what and Path(what).exists() else found(crossing, what)
    return restore_backup(
        source,
        url=crossing.target.url,
        as_database=name,
        swap=swap,
        events=crossing.events,
        language=crossing.project.language,
    )


def roll_back_by_restore(crossing: Crossing, back: WayBack) -> Run:
    """The last way back: the backup is restored beside, verified and swapped in."""
    from watari.backup.restore import restore as restore_backup
    from watari.crossing.running import circumstances_of
    from watari.errors.stopped import RestoreDiffers

    assert back.backup is not None
    started = datetime.now(UTC)
    done = restore_backup(
        back.backup,
        url=crossing.target.url,
        swap=True,
        events=crossing.events,
        language=crossing.project.language,
    )
    crossing.look_anew()
    if not done.swapped:
        raise RestoreDiffers(backup=back.backup.id, copy=done.database, first=(done.findings or ("-",))[0])
    circumstances = circumstances_of(crossing)
    run = Run(
        id=f"{started:%Y%m%d-%H%M%S}-restore",
        plan_sha256="",
        database=crossing.target.url.database,
        environment=crossing.target.environment,
        direction=Direction.BACK,
        state=RunState.DONE,
        started_at=started,
        ended_at=datetime.now(UTC),
        seconds=done.seconds,
        by=circumstances.by,
        host=circumstances.host,
        version=circumstances.version,
        git_commit=circumstances.git_commit,
        backup=back.backup.id,
        migrations=back.migrations,
    )
    return crossing.remember("run", run)


def kept(crossing: Crossing) -> tuple[KeptDatabase, ...]:
    """The databases that a swap kept, and copies that a restore left when it was cut off."""
    from watari.backup.names import BEFORE, RESTORE
    from watari.backup.swap import kept_databases

    return tuple(one for kind in (BEFORE, RESTORE) for one in kept_databases(crossing.target.url, kind=kind))


def let_go(crossing: Crossing, thing: KeptDatabase) -> None:
    """Drops one of them for good."""
    from watari.backup import swap

    swap.let_go(crossing.target.url, thing)
