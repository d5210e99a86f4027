"""The server's own counters before and after: tables, indexes, statements."""

from __future__ import annotations

from watari.locale import Text
from watari.reporting.blocks import Block, Chapter, Row, Section, Table, Tone, Words, code, number, text
from watari.reporting.report import Measure, Report
from watari.reporting.wording import count, duration, one_line, size

_TITLE = Text(en="Statistics", ja="統計")
_GROUPS = {
    "database": Text(en="database", ja="データベース"),
    "table": Text(en="table", ja="テーブル"),
    "index": Text(en="index", ja="インデックス"),
    "statement": Text(en="statement", ja="SQL 文"),
}
_MEASURES = {
    "rows": Text(en="rows", ja="行数"),
    "bytes": Text(en="size", ja="サイズ"),
    "sequential_scans": Text(en="sequential scans", ja="シーケンシャルスキャン"),
    "index_scans": Text(en="index scans", ja="インデックススキャン"),
    "scans": Text(en="index scans", ja="インデックススキャン"),
    "rows_per_sequential_scan": Text(en="rows per sequential scan", ja="シーケンシャルスキャン 1 回の行数"),
    "inserted": Text(en="rows inserted", ja="挿入行数"),
    "updated": Text(en="rows updated", ja="更新行数"),
    "deleted": Text(en="rows deleted", ja="削除行数"),
    "cache_hit_ratio": Text(en="cache hit ratio", ja="キャッシュヒット率"),
    "deadlocks": Text(en="deadlocks", ja="デッドロック"),
    "rollbacks": Text(en="rolled back transactions", ja="ロールバックしたトランザクション"),
    "temporary_bytes": Text(en="temporary files", ja="一時ファイル"),
    "calls": Text(en="calls", ja="呼び出し回数"),
    "mean_seconds": Text(en="mean time", ja="平均実行時間"),
    "max_seconds": Text(en="longest time", ja="最大実行時間"),
}
_MEASURE = Text(en="measure", ja="項目")
_BEFORE = Text(en="before", ja="実行前")
_AFTER = Text(en="after", ja="実行後")
_CHANGE = Text(en="change", ja="変化")
_MORE = Text(en="The JSON report has {count} more.", ja="ほか {count} 項目は JSON 形式の報告書にあります。")
_FEW = 60


def make(report: Report) -> Section | None:
    """One table a group."""
    groups: dict[str, list[Measure]] = {}
    for measure in report.measures:
        groups.setdefault(measure.group, []).append(measure)
    blocks: tuple[Block, ...] = tuple(_table(group, measures) for group, measures in groups.items())
    return Section(id="statistics", title=_TITLE(), blocks=blocks) if blocks else None


def _table(group: str, measures: list[Measure]) -> Table:
    title: Words = _GROUPS[group]() if group in _GROUPS else group
    left_out = len(measures) - _FEW
    return Table(
        head=(title, _MEASURE(), _BEFORE(), _AFTER(), _CHANGE()),
        rows=tuple(_row(measure) for measure in measures[:_FEW]),
        note=_MORE(count=count(left_out)) if left_out > 0 else None,
    )


def _row(measure: Measure) -> Row:
    words = _MEASURES[measure.what]() if measure.what in _MEASURES else measure.what.replace("_", " ")
    change = None
    if measure.before is not None and measure.after is not None:
        change = measure.after - measure.before
    slower = change is not None and "seconds" in measure.what and change > 0.5 * (measure.before or 0.0) > 0
    return Row(
        cells=(
            code(one_line(measure.object, 80)),
            text(words),
            number(_shown(measure.what, measure.before)),
            number(_shown(measure.what, measure.after)),
            number(_signed(measure.what, change), Tone.WARN if slower else Tone.PLAIN),
        )
    )


def _shown(what: str, value: float | None) -> str:
    if "seconds" in what:
        return duration(value)
    return size(value) if what == "bytes" else count(value)


def _signed(what: str, value: float | None) -> str:
    if not value:
        return "–" if value is None else "±0"
    return ("+" if value > 0 else "−") + _shown(what, abs(value))


CHAPTER = Chapter(order=100, make=make)
