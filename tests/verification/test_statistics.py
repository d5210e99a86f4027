"""Counters become findings where something stands out, and numbers for the report everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from watari.evidence.observation import IndexUse, StatementUse, Statistics, TableUse
from watari.locale import Language
from watari.verification.measures import measures, slowest
from watari.verification.statistics import compare_statistics
from watari.verification.verdict import Verdict, VerdictState

THEN = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = TableUse(rows=50_000, bytes=4_000_000, sequential_scans=2, rows_by_sequential_scans=100_000, index_scans=1000)
BEFORE = Statistics(
    at=THEN,
    tables={"public.orders": TABLE, "public.tiny": replace(TABLE, rows=10)},
    indexes={"public.orders_pkey": IndexUse(table="public.orders", scans=1000)},
    statements={"1": StatementUse(text="select $1", calls=100, total_seconds=1.0, max_seconds=0.1)},
    reset_at=THEN,
)


def compared(after: Statistics, before: Statistics | None = BEFORE, new: tuple[str, ...] = ()) -> list[Verdict]:
    return list(compare_statistics(before, after, database="shop", new_indexes=new))


def table(**changes: int) -> Statistics:
    changed = {name: replace(use, **changes) for name, use in BEFORE.tables.items()}  # type: ignore[arg-type]
    return replace(BEFORE, tables=changed)


def test_a_quiet_time_passes() -> None:
    (one,) = compared(BEFORE)
    assert one.state is VerdictState.PASS


def test_what_cannot_be_compared_is_skipped() -> None:
    assert compared(BEFORE, before=None)[0].state is VerdictState.SKIPPED
    assert compared(replace(BEFORE, reset_at=datetime(2026, 2, 1, tzinfo=UTC)))[0].state is VerdictState.SKIPPED


def test_sudden_scans_of_a_large_table_are_found() -> None:
    (one,) = compared(table(sequential_scans=82, rows_by_sequential_scans=4_100_000, index_scans=1020))
    assert (one.state, one.object) == (VerdictState.WARN, "public.orders")
    assert "80 of 100 scans" in str(one.message) and "50000 rows" in str(one.message)
    assert one.message.render(Language.JA)
    assert compared(table(sequential_scans=5, index_scans=1500))[0].state is VerdictState.PASS


def test_a_new_index_that_nobody_uses_is_found_once_the_table_was_read() -> None:
    indexes = {**BEFORE.indexes, "public.idx": IndexUse(table="public.orders", scans=0)}
    read = replace(table(index_scans=1500), indexes=indexes)
    (one,) = compared(read, new=("public.idx",))
    assert (one.state, one.object) == (VerdictState.WARN, "public.idx")
    assert compared(replace(BEFORE, indexes=indexes), new=("public.idx",))[0].state is VerdictState.PASS
    used = {**BEFORE.indexes, "public.idx": IndexUse(table="public.orders", scans=3)}
    assert compared(replace(read, indexes=used), new=("public.idx",))[0].state is VerdictState.PASS


def test_a_statement_that_became_slow_is_found_by_the_time_since() -> None:
    slow = {"1": StatementUse(text="select $1", calls=110, total_seconds=3.0, max_seconds=0.5)}
    (one,) = compared(replace(BEFORE, statements=slow))
    assert one.state is VerdictState.WARN
    assert (one.expected, one.actual) == ("10.0 ms", "200.0 ms")
    few = {"1": StatementUse(text="select $1", calls=102, total_seconds=3.0, max_seconds=2.0)}
    assert compared(replace(BEFORE, statements=few))[0].state is VerdictState.PASS


def test_deadlocks_are_told() -> None:
    (one,) = compared(replace(BEFORE, deadlocks=2))
    assert one.state is VerdictState.WARN and "2 deadlocks" in str(one.message)


def test_numbers_for_the_report_are_those_that_moved_and_the_slowest_statements() -> None:
    statements = {str(n): StatementUse(text=f"s{n}", calls=1, total_seconds=n, max_seconds=n) for n in range(20)}
    after = replace(table(sequential_scans=3, rows=50_100), statements=statements, blocks_hit=9, blocks_read=1)
    found = measures(BEFORE, after)
    of_orders = {m.what: (m.before, m.after) for m in found if m.object == "public.orders"}
    assert of_orders["rows"] == (50_000, 50_100) and of_orders["sequential_scans"] == (2, 3)
    assert "bytes" not in of_orders
    assert [m.object for m in found if m.what == "mean_seconds"] == [f"s{n}" for n in range(19, 9, -1)]
    assert next(m.after for m in found if m.what == "cache_hit_ratio") == 0.9
    assert [s.text for s in slowest(after, 2)] == ["s19", "s18"]
    assert measures(None, None) == ()
    assert all(m.before is None for m in measures(None, BEFORE))
