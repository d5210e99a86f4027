"""The server's counters before and after, as findings; `measures` beside it gives them as numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from watari.evidence.observation import StatementUse, Statistics, TableUse
from watari.locale import Text
from watari.verification.check import Subject
from watari.verification.verdict import Verdict

NAME = "statistics"

UNUSED = Text(
    en="no query has used the new index {index} yet, although {table} was read {scans} times since",
    ja="新しいインデックス {index} はまだ使われていません(その間に {table} は {scans} 回読み取られています)",
)
SEQUENTIAL = Text(
    en="{table} is now read from end to end: {after} of {scans} scans since, {before} of a hundred before; "
    "each reads {rows} rows on average. An index may be missing, or ANALYZE has not run",
    ja="{table} の全件走査が増えています: その後の {scans} 回のうち {after} 回(以前は 100 回あたり {before} 回)、"
    "1 回平均 {rows} 行。インデックスの不足か ANALYZE の未実行が考えられます",
)
SLOWER = Text(
    en="a statement takes {after} ms on average instead of {before} ms ({calls} calls since): {statement}",
    ja="平均実行時間が {before} ミリ秒から {after} ミリ秒に増えた SQL 文があります({calls} 回実行): {statement}",
)
DEADLOCKS = Text(en="{count} deadlocks since", ja="その後 {count} 件のデッドロックが発生しました")
UNREMARKABLE = Text(
    en="{tables} tables, {indexes} indexes and {statements} statements: nothing stands out",
    ja="テーブル {tables} 件、インデックス {indexes} 件、SQL 文 {statements} 件: 特筆すべき変化はありません",
)
NOT_COMPARED = Text(
    en="counters were not read before and after", ja="実行前後の統計情報がそろっていないため比較していません"
)
RESET = Text(en="the counters were reset in between", ja="途中で統計情報がリセットされたため比較できません")

#: A table with fewer rows may be read from end to end.
_SMALL = 10_000
#: So many reads are needed before a share of them says anything.
_ENOUGH = 20
_SELDOM, _MOSTLY = 0.1, 0.5
_SLOWER, _NOTICEABLE, _CALLS = 2.0, 0.05, 5


def compare_statistics(
    before: Statistics | None, after: Statistics | None, *, database: str, new_indexes: Collection[str] = ()
) -> tuple[Verdict, ...]:
    """Warnings for new indexes that nobody uses, sudden scans of large tables, slower statements, deadlocks.

    `new_indexes` are qualified names. Nothing here fails: a counter is a hint, not a proof.
    """
    whole = Subject(check=NAME, object=database)
    if before is None or after is None:
        return (whole.skipped(NOT_COMPARED()),)
    if before.reset_at != after.reset_at:
        return (whole.skipped(RESET()),)
    found = [
        *_unused(before, after, new_indexes),
        *_sequential(before, after),
        *_slower(before, after),
    ]
    if (deadlocks := after.deadlocks - before.deadlocks) > 0:
        found.append(whole.warned(DEADLOCKS(count=deadlocks), str(deadlocks)))
    if not found:
        counted = {
            "tables": len(after.tables),
            "indexes": len(after.indexes),
            "statements": len(after.statements or ()),
        }
        found.append(whole.passed(UNREMARKABLE(**counted)))
    return tuple(found)


def _unused(before: Statistics, after: Statistics, new_indexes: Collection[str]) -> Iterator[Verdict]:
    for name in new_indexes:
        index = after.indexes.get(name)
        if index is None or index.scans > 0 or index.table not in after.tables:
            continue
        reads = _reads(after.tables[index.table]) - _reads(before.tables.get(index.table, TableUse()))
        if reads >= _ENOUGH and after.tables[index.table].rows >= _SMALL:
            message = UNUSED(index=name, table=index.table, scans=reads)
            yield Subject(check=NAME, object=name, expected="> 0").warned(message, "0")


def _reads(table: TableUse) -> int:
    return table.sequential_scans + table.index_scans


def _sequential(before: Statistics, after: Statistics) -> Iterator[Verdict]:
    for name, now in after.tables.items():
        then = before.tables.get(name)
        if then is None or now.rows < _SMALL or _reads(then) < _ENOUGH:
            continue
        scans, reads = now.sequential_scans - then.sequential_scans, _reads(now) - _reads(then)
        share_before = then.sequential_scans / _reads(then)
        if reads >= _ENOUGH and share_before < _SELDOM and scans / reads > _MOSTLY:
            rows = (now.rows_by_sequential_scans - then.rows_by_sequential_scans) / scans
            fields = {"after": scans, "scans": reads, "before": round(share_before * 100), "rows": round(rows)}
            subject = Subject(check=NAME, object=name, expected=f"{share_before:.0%}")
            yield subject.warned(SEQUENTIAL(table=name, **fields), f"{scans / reads:.0%}")


def _slower(before: Statistics, after: Statistics) -> Iterator[Verdict]:
    for number, now in (after.statements or {}).items():
        then = (before.statements or {}).get(number)
        if then is None or now.calls - then.calls < _CALLS:
            continue
        since = _since(then, now)
        if since.mean_seconds > then.mean_seconds * _SLOWER and since.mean_seconds - then.mean_seconds > _NOTICEABLE:
            milliseconds = {
                "before": round(then.mean_seconds * 1000, 1),
                "after": round(since.mean_seconds * 1000, 1),
            }
            message = SLOWER(**milliseconds, calls=since.calls, statement=now.text)
            subject = Subject(check=NAME, object=now.text[:80], expected=f"{milliseconds['before']} ms")
            yield subject.warned(message, f"{milliseconds['after']} ms")


def _since(before: StatementUse, after: StatementUse) -> StatementUse:
    """One statement in the time between two readings."""
    return StatementUse(
        text=after.text,
        calls=after.calls - before.calls,
        total_seconds=after.total_seconds - before.total_seconds,
        max_seconds=after.max_seconds,
    )
