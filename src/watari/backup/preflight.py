"""What must hold before a dump begins, so that none ends half-way or, worse, partial without a word."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import psycopg

from watari.backup.questions import rows
from watari.backup.snapshot import Moment
from watari.catalog import Name
from watari.errors.backups import BackupFolderUnusable, RowsHidden
from watari.errors.reach import DiskFull, PrivilegeMissing
from watari.evidence.backup import Backup, BackupContent
from watari.locale import Text
from watari.locale.system import reason_of

#: Bytes on disk for each byte of heap and TOAST where no earlier backup tells: text is wider, compressed it is narrower.
_RATIOS = {"none": 1.2, "gzip": 0.4, "zstd": 0.35}
_LEAST = 1 << 20
_SPARE = 1.1
_NAMED = 5

_UNREADABLE = Text(en="it may not read {tables}", ja="{tables} を読み取れません")
_TOO_SMALL = Text(
    en="{free} MB are free, the backup needs about {needed} MB",
    ja="空きは {free} MB ですが、バックアップには約 {needed} MB 必要です",
)


def require_readable(connection: psycopg.Connection, *, rows_too: bool) -> None:
    """Returns if the role may read everything, and sees every row of it (`rows_too`).

    Raises `PrivilegeMissing` or `RowsHidden`.
    """
    info = connection.info
    if unreadable := rows(connection, "unreadable"):
        reason = _UNREADABLE(tables=_listed(unreadable))
        raise PrivilegeMissing(user=info.user, database=info.dbname, host=info.host, port=info.port, reason=reason)
    if rows_too and (hidden := rows(connection, "hidden_tables")):
        raise RowsHidden(tables=_listed(hidden), role=info.user)


def estimate(moment: Moment, content: BackupContent, compression: str, earlier: Sequence[Backup]) -> int:
    """Bytes that the backup will take on disk: by the ratio of the newest earlier one, else by experience."""
    if content is BackupContent.SCHEMA:
        return _LEAST
    alike = [b for b in earlier if b.content is content and b.compression == compression and b.table_bytes]
    newest = max(alike, key=lambda b: b.started_at, default=None)
    ratio = newest.bytes / newest.table_bytes if newest else _RATIOS.get(compression, 1.0)
    return max(_LEAST, round(moment.table_bytes * ratio))


def require_space(folder: Path, needed: int) -> None:
    """Returns if the disk of `folder` has room for `needed` bytes and a little more; raises `DiskFull`."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    try:
        free = shutil.disk_usage(existing).free
    except OSError as failure:
        raise BackupFolderUnusable(folder=folder, reason=reason_of(failure)) from None
    if free < needed * _SPARE:
        raise DiskFull(folder=folder, reason=_TOO_SMALL(free=_megabytes(free), needed=_megabytes(needed)))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f}"


def _listed(found: Sequence[tuple[str, str]]) -> str:
    shown = ", ".join(str(Name(*pair)) for pair in found[:_NAMED])
    return shown + (f" (+{len(found) - _NAMED})" if len(found) > _NAMED else "")
