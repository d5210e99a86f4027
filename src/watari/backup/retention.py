"""Which backups stay and which go, and why. The deciding is pure; the removing can be cut off at any moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watari.backup import storage
from watari.backup.shelf import list_backups
from watari.evidence.backup import Backup, BackupContent, VerificationLevel
from watari.locale import Message, Text
from watari.values import dataclass

_UNFINISHED = Text(en="run {run} that names it is not finished", ja="これを参照する実行 {run} が未完了のため")
_VERIFIED = Text(
    en="it is the newest full backup that was restored and compared",
    ja="復元・照合済みの最新の full バックアップのため",
)
_NEWEST = Text(en="it is the newest of its kind", ja="この種類で最新のため")
_LAST = Text(en="it is among the newest {count}", ja="新しい順に {count} 件以内のため")
_YOUNG = Text(en="it is younger than {days} days", ja="{days} 日以内のため")
_FUTURE = Text(en="its time lies in the future, so its age is unknown", ja="作成時刻が未来のため経過日数を判断できず")
_SCHEMA_OF = Text(en="the rows of {backup} cannot be restored without it", ja="{backup} のデータの復元に必要なため")
_OLD = Text(
    en="it is older than {days} days and not among the newest {count}",
    ja="{days} 日を過ぎ、新しい順 {count} 件にも入らないため",
)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of one backup, and the reason as a sentence."""

    backup: Backup
    kept: bool
    reason: Message


def decide(
    backups: Iterable[Backup],
    *,
    keep_last: int,
    keep_days: float,
    now: datetime,
    unfinished: Collection[tuple[str, str]] = (),
) -> tuple[Decision, ...]:
    """One decision for each backup, oldest first.

    A backup goes only if no rule keeps it: the newest `keep_last` of its kind, those younger than `keep_days`, and what no
    setting can give up: the newest of its kind, the newest full one that was restored and compared, one that an
    `unfinished` run names (pairs of run and backup), and the schema that kept rows need. A kind is database, environment,
    server and content; order is by the recorded time, never by name.
    """
    listed = sorted(backups, key=lambda b: (b.started_at, b.id))
    kept: dict[str, Message] = {}
    for group in _groups(listed):
        _keep_by_rule(group, kept, keep_last, keep_days, now)
    _keep_proved(listed, kept)
    for run, id in unfinished:
        if any(b.id == id for b in listed):
            kept[id] = _UNFINISHED(run=run)
    _keep_schemas(listed, kept)
    gone = _OLD(days=f"{keep_days:g}", count=keep_last)
    return tuple(Decision(backup=b, kept=b.id in kept, reason=kept.get(b.id, gone)) for b in listed)


def prune(
    folder: Path,
    *,
    keep_last: int = 7,
    keep_days: float = 30,
    database: str | None = None,
    environment: str | None = None,
    unfinished: Collection[tuple[str, str]] = (),
    now: datetime | None = None,
    dry_run: bool = False,
) -> tuple[Decision, ...]:
    """Decides over the backups in the folder and removes what goes, oldest first, then what was cut off earlier.

    A backup stops being one by a single rename before the first file is deleted. Raises `BackupFolderUnusable`.
    """
    decisions = decide(
        list_backups(folder, database=database, environment=environment),
        keep_last=keep_last,
        keep_days=keep_days,
        now=now or datetime.now(UTC),
        unfinished=unfinished,
    )
    if not dry_run:
        for decision in decisions:
            if not decision.kept:
                storage.remove(Path(decision.backup.folder))
        for path in storage.abandoned(folder):
            storage.remove(path)
    return decisions


def _groups(listed: Sequence[Backup]) -> list[list[Backup]]:
    groups: dict[tuple[str | None, ...], list[Backup]] = {}
    for backup in listed:
        key = (backup.database, backup.environment, backup.system_identifier, backup.content.value)
        groups.setdefault(key, []).append(backup)
    return list(groups.values())


def _keep_by_rule(
    group: Sequence[Backup], kept: dict[str, Message], keep_last: int, keep_days: float, now: datetime
) -> None:
    newest_first = list(reversed(group))
    for place, backup in enumerate(newest_first):
        if backup.started_at > now:
            kept[backup.id] = _FUTURE()
        elif place == 0:
            kept[backup.id] = _NEWEST()
        elif place < keep_last:
            kept[backup.id] = _LAST(count=keep_last)
        elif now - backup.started_at < timedelta(days=keep_days):
            kept[backup.id] = _YOUNG(days=f"{keep_days:g}")


def _keep_proved(listed: Sequence[Backup], kept: dict[str, Message]) -> None:
    proved: dict[tuple[str | None, ...], Backup] = {}
    for backup in listed:
        if backup.content is BackupContent.FULL and backup.verified is VerificationLevel.RESTORED:
            proved[backup.database, backup.environment, backup.system_identifier] = backup
    for backup in proved.values():
        kept.setdefault(backup.id, _VERIFIED())


def _keep_schemas(listed: Sequence[Backup], kept: dict[str, Message]) -> None:
    for backup in listed:
        if backup.content is not BackupContent.DATA or backup.id not in kept:
            continue
        alike = [
            other
            for other in listed
            if other.content is not BackupContent.DATA
            and (other.database, other.schema_fingerprint) == (backup.database, backup.schema_fingerprint)
        ]
        if alike and not any(other.id in kept for other in alike):
            kept[alike[-1].id] = _SCHEMA_OF(backup=backup.id)
