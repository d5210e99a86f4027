"""How the database was before a run, kept so that tomorrow's verification can still compare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watari.evidence.observation import RowCount
from watari.values import dataclass, field

if TYPE_CHECKING:
    from watari.crossing.line import Crossing
    from watari.evidence.observation import Statistics


@dataclass(frozen=True, kw_only=True)
class Before:
    """Row counts by qualified table, the server's counters, and how the application answered (HTTP status, seconds)."""

    rows: Mapping[str, RowCount] = field(default_factory=dict)
    statistics: Statistics | None = None


def read_before(crossing: Crossing) -> Before:
    """Reads it now; large tables are not read through."""
    from watari.postgres.counting import count_rows
    from watari.postgres.statistics import read_statistics

    catalog = crossing.catalog()
    with crossing.connection("before") as connection:
        return Before(rows=count_rows(connection, catalog), statistics=read_statistics(connection))


def keep_before(crossing: Crossing, run: str, before: Before) -> None:
    """Keeps it beside the run's log; a disk that refuses costs the comparison, not the run."""
    from contextlib import suppress

    import msgspec

    from watari.project.files import write_private

    document = {
        "rows": {table: [count.rows, count.exact] for table, count in before.rows.items()},
        "statistics": msgspec.to_builtins(before.statistics, enc_hook=str) if before.statistics else None,
    }
    with suppress(OSError):
        write_private(_path(crossing, run), json.dumps(document).encode())


def kept_before(crossing: Crossing, run: str) -> Before:
    """What was kept for a run; empty where nothing was."""
    try:
        document = json.loads(_path(crossing, run).read_bytes())
    except (OSError, ValueError):
        return Before()
    rows = {table: RowCount(rows=count, exact=exact) for table, (count, exact) in document["rows"].items()}
    return Before(rows=rows, statistics=_statistics(document["statistics"]))


def _statistics(document: Any) -> Statistics | None:
    if document is None:
        return None
    import msgspec

    from watari.evidence.observation import Statistics

    try:
        return msgspec.convert({**document, "why": None}, Statistics)
    except msgspec.ValidationError:
        return None


def _path(crossing: Crossing, run: str) -> Path:
    return crossing.memory / "before" / f"{run}.json"
