"""Two moments of a server between which nothing can have changed, told without reading anything twice."""

from __future__ import annotations

import psycopg
from psycopg.rows import tuple_row

from watari.postgres.queries import load

__all__ = ["quiet_moment"]


def quiet_moment(connection: psycopg.Connection) -> str | None:
    """A mark of this moment; None while a transaction is open that began to write before one that has ended.

    Whoever finds the same mark again on the same database knows that in between no transaction that wrote has ended, so
    that everybody sees what was seen before. The mark holds the number after that of the newest transaction that has ended
    (`xmax` of `pg_current_snapshot()`, PostgreSQL manual 9.27.8), and no older one is left: whichever ends next moves it.
    Counters and sizes of relations, which no transaction guards, may have moved.
    """
    with connection.cursor(row_factory=tuple_row) as cursor:
        snapshot, started = cursor.execute(load("moment")).fetchone() or ("", "")
    oldest, _, rest = snapshot.partition(":")
    following, _, running = rest.partition(":")
    return f"{snapshot} {started}" if oldest and oldest == following and not running else None
