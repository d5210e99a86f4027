"""How fast the work behind a statement goes, so that a hazard can say how long others wait.

Source: measured on 15 and 18 with everything in memory, one core, fsync off (section 2.5 of the rules): no server is faster
than that by much, and a real one is slower, so that what comes out is "at least". The rehearsal measures the truth.
"""

from __future__ import annotations

from collections.abc import Mapping

from watari.risk.causes import Why
from watari.values import dataclass

__all__ = ["SCAN", "seconds_of"]

_MB = 1_000_000


@dataclass(frozen=True)
class Rate:
    """Bytes of the table, rows, and bytes of its indexes that are worked through in a second; 0: not looked at."""

    table: float = 0
    rows: float = 0
    indexes: float = 0


#: Bytes of a table in a second that the rates below were measured with.
SCAN = 1_500 * _MB

_SCAN = Rate(table=1_500 * _MB)
_LOOK = Rate(table=2_000 * _MB)
_BUILD = Rate(table=1_500 * _MB, rows=3_500_000)
_REWRITE = Rate(table=80 * _MB, indexes=80 * _MB)
_LOOK_UP = Rate(rows=7_000_000)
_COPY = Rate(table=500 * _MB)

_RATES: Mapping[Why, Rate] = {
    Why.INDEX: _BUILD,
    Why.UNIQUE: _BUILD,
    Why.PRIMARY_KEY: _BUILD,
    Why.ATTACH_INDEX: _BUILD,
    Why.TYPE_INDEX: _BUILD,
    Why.REINDEX: Rate(table=1_500 * _MB, indexes=60 * _MB),
    Why.EXCLUSION: Rate(rows=30_000),
    Why.CHECK: _LOOK,
    Why.NEW_CHECK: _LOOK,
    Why.TYPE_CHECK: _LOOK,
    Why.DOMAIN_CONSTRAINT: _LOOK,
    Why.FOREIGN_KEY: _LOOK_UP,
    Why.TYPE_KEY: _LOOK_UP,
    Why.ENFORCE: _LOOK_UP,
    Why.ATTACH_KEY: _LOOK_UP,
    Why.TABLESPACE: _COPY,
    **dict.fromkeys(
        (Why.TYPE, Why.VOLATILE_DEFAULT, Why.SERIAL, Why.STORED, Why.DOMAIN, Why.EXPRESSION, Why.PERSISTENCE), _REWRITE
    ),
    **dict.fromkeys((Why.ACCESS_METHOD, Why.VACUUM_FULL, Why.CLUSTER, Why.REFRESH), _REWRITE),
    Why.ROWS: Rate(rows=300_000),
}


def seconds_of(
    why: Why, *, table_bytes: int, index_bytes: int, rows: int | None, scan_rate: float | None = None
) -> float:
    """How many seconds the work takes: at least, or, with the measured `scan_rate` of the server, about.

    All work is taken to be slower or faster by as much as reading is; a rate above that of the laboratory is a sample that
    lay in memory, and counts as the laboratory's.
    """
    rate = _RATES.get(why, _SCAN)
    parts = ((table_bytes, rate.table), (index_bytes, rate.indexes), (rows or 0, rate.rows))
    slower = SCAN / min(scan_rate, SCAN) if scan_rate else 1.0
    return slower * sum(amount / speed for amount, speed in parts if speed)
