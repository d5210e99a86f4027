"""What going back to a backup gives up, told before anybody agrees to it."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from watari.backup.beside import PATIENT
from watari.backup.questions import value
from watari.backup.snapshot import count_rows, system_identifier, tables_of
from watari.errors.reach import DatabaseMissing
from watari.evidence.backup import Backup
from watari.evidence.restoration import Loss
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl


def loss(backup: Backup | None, *, url: DatabaseUrl, count: bool = True) -> Loss:
    """Age, bytes of WAL since, and the rows of each table then and now (exact; left out without `count`).

    Without a backup (a dump of unknown origin) only the rows of now are known; where the live database is gone, nothing
    is lost that is not lost already.
    """
    try:
        connection = connect(url, purpose="restore", settings=PATIENT)
    except DatabaseMissing:
        return _of(backup, None, {})
    try:
        now = count_rows(connection, tables_of(connection)) if count else {}
        return _of(backup, _wal_since(connection, backup), now)
    finally:
        connection.close()


def _of(backup: Backup | None, wal_bytes: int | None, now: dict[str, int]) -> Loss:
    return Loss(
        backup=backup.id if backup else "",
        since=backup.started_at if backup else None,
        seconds=(datetime.now(UTC) - backup.started_at).total_seconds() if backup else None,
        wal_bytes=wal_bytes,
        rows_then=backup.rows if backup and now else {},
        rows_now=now,
    )


def _wal_since(connection: psycopg.Connection, backup: Backup | None) -> int | None:
    if backup is None or backup.lsn is None or backup.system_identifier is None:
        return None
    if system_identifier(connection) != backup.system_identifier:
        return None
    found = value(connection, "wal_since", {"lsn": backup.lsn})
    return int(found) if found is not None else None
