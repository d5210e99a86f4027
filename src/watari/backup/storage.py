"""Backups on disk: a folder each, which has its name only when it is whole.

<folder>/<id>/archive.dump or archive/    what the tool wrote
              objects.jsonl               every object of the database at that moment, one a line
              manifest.json               what the backup is; written last
              SHA256SUMS                  of all of these, for `sha256sum -c` by anyone
              verification.json           how far it has been proved, rewritten by each verification
<folder>/<id>.partial/                    under way, or cut off
<folder>/<id>.removed/                    being deleted
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from watari.errors.backups import BackupFolderUnusable
from watari.evidence.backup import BackupContent, BackupFormat
from watari.locale.system import reason_of

ARCHIVE = {BackupFormat.CUSTOM: "archive.dump", BackupFormat.DIRECTORY: "archive"}
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
OBJECTS = "objects.jsonl"
VERIFICATION = "verification.json"
PARTIAL = ".partial"
REMOVED = ".removed"
_LOCK = ".lock"
_ABANDONED_SECONDS = 3600.0


def backup_id(started_at: datetime, database: str, content: BackupContent) -> str:
    """`20261121-083015-shop-full`; what a folder's name cannot hold becomes an underscore."""
    safe = re.sub(r"[^\w.-]", "_", database)[:48]
    return f"{started_at:%Y%m%d-%H%M%S}-{safe}-{content.value}"


@contextmanager
def partial(folder: Path, id: str) -> Iterator[Path]:
    """A folder to write a backup into; renamed to its id when the block ends well, gone when it does not.

    Raises `BackupFolderUnusable`.
    """
    unfinished = _make(folder, id)
    lock = os.open(unfinished / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield unfinished
            final = unfinished.with_name(unfinished.name.removesuffix(PARTIAL))
            _sync_tree(unfinished)
            unfinished.rename(final)
            (final / _LOCK).unlink()
            _sync(folder)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    finally:
        os.close(lock)


def folders(folder: Path) -> list[Path]:
    """The folders of whole backups, by name; none where the folder is not there. Raises `BackupFolderUnusable`."""
    unfinished = (PARTIAL, REMOVED)
    return [path for path in _entries(folder) if (path / MANIFEST).is_file() and not path.name.endswith(unfinished)]


def abandoned(folder: Path) -> list[Path]:
    """What was cut off: unfinished backups that nobody writes any more, and deletions that did not end."""
    entries = _entries(folder)
    removed = [path for path in entries if path.name.endswith(REMOVED)]
    return removed + [path for path in entries if path.name.endswith(PARTIAL) and not _held(path)]


def remove(path: Path) -> None:
    """Deletes a backup; from the first moment on it is no longer one. Raises `BackupFolderUnusable`."""
    try:
        doomed = path if path.name.endswith(REMOVED) else path.rename(path.with_name(path.name + REMOVED))
        shutil.rmtree(doomed)
    except OSError as failure:
        raise BackupFolderUnusable(folder=path.parent, reason=reason_of(failure)) from None


def files_of(folder: Path) -> list[Path]:
    """Everything that a manifest answers for: the archive and the objects, in a stable order."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if path.name not in (MANIFEST, SUMS, VERIFICATION, _LOCK)]


def size(folder: Path) -> int:
    """Bytes written so far below a folder."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # a temporary of the tool, gone between listing and asking
            continue
    return total


def write(path: Path, data: bytes) -> None:
    """Writes a file for this user only, whole or not at all."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _make(folder: Path, id: str) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, 1000):
            name = id if number == 1 else f"{id}-{number}"
            if not (folder / name).exists():
                unfinished = folder / (name + PARTIAL)
                try:
                    unfinished.mkdir(mode=0o700)
                except FileExistsError:
                    continue
                return unfinished
    except OSError as failure:
        raise BackupFolderUnusable(folder=folder, reason=reason_of(failure)) from None
    raise BackupFolderUnusable(folder=folder, reason=f"{id} …")


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as failure:
        raise BackupFolderUnusable(folder=folder, reason=reason_of(failure)) from None


def _held(path: Path) -> bool:
    """Whether the process that writes there is still alive: the kernel lets go of its lock when it is not."""
    try:
        lock = os.open(path / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return time.time() - path.stat().st_mtime < _ABANDONED_SECONDS
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _sync_tree(folder: Path) -> None:
    for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
        _sync(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
