"""The server's counters before and after, as the numbers of a report: what the runbooks looked at by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from watari.evidence.observation import StatementUse, Statistics
from watari.reporting.report import Measure

_TOP = 10
_OF_DATABASE = ("cache_hit_ratio", "deadlocks", "rollbacks", "temporary_bytes")
_OF_TABLE = ("rows", "bytes", "sequential_scans", "rows_per_sequential_scan", "index_scans")
_WRITTEN = ("inserted", "updated", "deleted")
_OF_INDEX = ("scans", "bytes")
_OF_STATEMENT = ("calls", "mean_seconds", "max_seconds")


def measures(before: Statistics | None, after: Statistics | None) -> tuple[Measure, ...]:
    """The numbers of both readings side by side, for a report: what moved, and the slowest statements."""
    if after is None:
        return ()
    return (
        *_database(before, after),
        *_tables(before, after),
        *_indexes(before, after),
        *_statements(before, after),
    )


def slowest(statistics: Statistics, count: int = _TOP) -> tuple[StatementUse, ...]:
    """The statements that take longest on average; empty where they are not recorded."""
    known = (statistics.statements or {}).values()
    return tuple(sorted(known, key=lambda statement: -statement.mean_seconds)[:count])


def _database(before: Statistics | None, after: Statistics) -> Iterator[Measure]:
    for what in _OF_DATABASE:
        then = getattr(before, what) if before else None
        yield Measure(group="database", object="", what=what, before=then, after=getattr(after, what))


def _tables(before: Statistics | None, after: Statistics) -> Iterator[Measure]:
    known = before.tables if before else {}
    for name in sorted({*known, *after.tables}):
        yield from _moved("table", name, (*_OF_TABLE, *_WRITTEN), known.get(name), after.tables.get(name))


def _indexes(before: Statistics | None, after: Statistics) -> Iterator[Measure]:
    known = before.indexes if before else {}
    for name in sorted({*known, *after.indexes}):
        yield from _moved("index", name, _OF_INDEX, known.get(name), after.indexes.get(name))


def _moved(group: str, name: str, numbers: Collection[str], then: object, now: object) -> Iterator[Measure]:
    """The numbers that differ, or all that there is of something that is on one side only."""
    for what in numbers:
        old = getattr(then, what) if then is not None else None
        new = getattr(now, what) if now is not None else None
        if old != new and (old or new):
            yield Measure(group=group, object=name, what=what, before=old, after=new)


def _statements(before: Statistics | None, after: Statistics) -> Iterator[Measure]:
    known = (before.statements if before else None) or {}
    numbers = {id(one): number for number, one in (after.statements or {}).items()}
    for one in slowest(after):
        then = known.get(numbers[id(one)])
        for what in _OF_STATEMENT:
            old = getattr(then, what) if then else None
            yield Measure(group="statement", object=one.text, what=what, before=old, after=getattr(one, what))
