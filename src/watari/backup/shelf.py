"""What stands in a folder of backups: all of them, one by name, figures over them, one as plain SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from watari.backup import manifest, storage
from watari.errors.usage import BackupUnknown, ManifestUnreadable
from watari.evidence.backup import Backup, BackupContent, VerificationLevel
from watari.locale import Message, Text
from watari.values import dataclass, field

_NONE = Text(en="there is none", ja="該当するものがありません")
_SEVERAL = Text(en="it could be {ids}", ja="候補が複数あります: {ids}")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A shelf in figures: bytes on disk, times of the oldest and newest, and the same by content."""

    count: int
    bytes: int
    oldest: datetime | None
    newest: datetime | None
    restored: int  # how many have been restored and compared
    by_content: Mapping[BackupContent, Figures] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """Something in the folder that is no backup, and why."""

    path: Path
    bytes: int
    reason: Message


def list_backups(folder: Path, *, database: str | None = None, environment: str | None = None) -> tuple[Backup, ...]:
    """The backups in the folder, oldest first; of one database and environment if given.

    A folder whose manifest cannot be read is no backup: `leftovers` tells of it. Raises `BackupFolderUnusable`.
    """
    found = []
    for path in storage.folders(folder):
        with suppress(ManifestUnreadable):
            found.append(manifest.load(path))
    wanted = [b for b in found if database in (None, b.database) and environment in (None, b.environment)]
    return tuple(sorted(wanted, key=lambda b: (b.started_at, b.id)))


def leftovers(folder: Path) -> tuple[Leftover, ...]:
    """Backups that were cut off, deletions that did not end, folders whose manifest cannot be read."""
    found = [_leftover(path, _CUT_OFF) for path in storage.abandoned(folder)]
    for path in storage.folders(folder):
        try:
            manifest.load(path)
        except ManifestUnreadable as unreadable:
            found.append(Leftover(path=path, bytes=storage.size(path), reason=unreadable.message))
    return tuple(found)


def find(folder: Path, name: str | None, *, database: str | None = None) -> Backup:
    """The backup of that id or its beginning; the newest full one without a name.

    Raises `BackupUnknown` where none or several answer.
    """
    backups = list_backups(folder, database=database)
    if name is None:
        full = [b for b in backups if b.content is BackupContent.FULL] or list(backups)
        found = full[-1:]
    else:
        found = [b for b in backups if b.id == name] or [b for b in backups if b.id.startswith(name)]
    if len(found) == 1:
        return found[0]
    said = _SEVERAL(ids=", ".join(b.id for b in found)) if found else _NONE()
    raise BackupUnknown(backup=name or "", folder=folder, found=said)


def stats(backups: Iterable[Backup]) -> Figures:
    """Count, bytes and age of the backups, all together and by content."""
    everything = tuple(backups)
    parts = {c: _figures([b for b in everything if b.content is c]) for c in BackupContent}
    return _figures(everything, {content: figures for content, figures in parts.items() if figures.count})


def archive(backup: Backup) -> Path:
    """The file or folder that the tool wrote."""
    return Path(backup.folder) / storage.ARCHIVE[backup.format]


_CUT_OFF = Text(en="it was cut off while being written or deleted", ja="作成または削除の途中で中断されたものです")


def _leftover(path: Path, text: Text) -> Leftover:
    return Leftover(path=path, bytes=storage.size(path), reason=text())


def _figures(backups: Iterable[Backup], parts: Mapping[BackupContent, Figures] | None = None) -> Figures:
    listed = list(backups)
    times = sorted(b.started_at for b in listed)
    return Figures(
        count=len(listed),
        bytes=sum(b.bytes for b in listed),
        oldest=times[0] if times else None,
        newest=times[-1] if times else None,
        restored=sum(b.verified is VerificationLevel.RESTORED for b in listed),
        by_content=parts or {},
    )
