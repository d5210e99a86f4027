"""What was expected, what is there: failures in full, what passed by kind."""

from __future__ import annotations

from collections import Counter

from watari.locale import Text
from watari.reporting.blocks import (
    Block,
    Chapter,
    Code,
    Prose,
    Row,
    Section,
    Table,
    Tone,
    Words,
    badge,
    code,
    number,
    text,
)
from watari.reporting.report import Report
from watari.reporting.wording import count
from watari.verification.verdict import Verdict, VerdictState

_TITLE = Text(en="Verification", ja="検証")
_SUMMARY = Text(
    en="Checks passed: {passed}, failed: {failed}, warnings: {warned}, skipped: {skipped}.",
    ja="合格 {passed} 件、不合格 {failed} 件、警告 {warned} 件、未実施 {skipped} 件。",
)
_BACK = Text(
    en="After it was taken back: checks passed: {passed}, failed: {failed}.",
    ja="ロールバック後: 合格 {passed} 件、不合格 {failed} 件。",
)
_STATES = {
    VerdictState.PASS: (Text(en="passed", ja="合格"), Tone.GOOD),
    VerdictState.FAIL: (Text(en="failed", ja="不合格"), Tone.BAD),
    VerdictState.WARN: (Text(en="warning", ja="警告"), Tone.WARN),
    VerdictState.SKIPPED: (Text(en="skipped", ja="未実施"), Tone.QUIET),
}
_LOOK = (
    Text(en="check", ja="検証項目"),
    Text(en="object", ja="対象"),
    Text(en="result", ja="結果"),
    Text(en="what was found", ja="内容"),
)
_TALLY = (
    Text(en="check", ja="検証項目"),
    Text(en="passed", ja="合格"),
    Text(en="failed", ja="不合格"),
    Text(en="warnings", ja="警告"),
    Text(en="skipped", ja="未実施"),
)
_NAMES = {
    "status": Text(en="migration status", ja="マイグレーション状態"),
    "migration": Text(en="migration status", ja="マイグレーション状態"),
    "history": Text(en="migration history", ja="マイグレーション履歴"),
    "table": Text(en="tables", ja="テーブル"),
    "column": Text(en="columns", ja="列"),
    "index": Text(en="indexes", ja="インデックス"),
    "foreign": Text(en="foreign keys", ja="外部キー"),
    "unique": Text(en="unique constraints", ja="ユニーク制約"),
    "not-null": Text(en="NOT NULL constraints", ja="NOT NULL 制約"),
    "object": Text(en="other objects", ja="その他のオブジェクト"),
    "check": Text(en="check constraints", ja="CHECK 制約"),
    "constraint": Text(en="constraints", ja="制約"),
    "orphan": Text(en="orphan rows", ja="孤児レコード"),
    "row": Text(en="row counts", ja="レコード数"),
    "probe": Text(en="answer of the application", ja="アプリケーションの応答"),
    "http": Text(en="answer of the application", ja="アプリケーションの応答"),
    "sequence": Text(en="sequences", ja="シーケンス"),
    "statistic": Text(en="statistics", ja="統計"),
    "extension": Text(en="extensions", ja="拡張"),
    "drift": Text(en="drift", ja="差異"),
}
_EXPECTED = Text(en="expected {expected}, found {actual}", ja="期待値 {expected}、実際 {actual}")
_QUERY = Text(en="anyone can see it with", ja="確認用クエリ")
_MORE = Text(en="The JSON report has {count} more.", ja="ほか {count} 件は JSON 形式の報告書にあります。")
_FEW = 200


def make(report: Report) -> Section | None:
    """Failures and warnings with the query that shows them, then the tally of all checks."""
    verdicts = report.verdicts
    if not verdicts and not report.verdicts_back:
        return None
    tally = [verdict.state for verdict in verdicts].count
    blocks: list[Block] = []
    if noted := [v for v in (*verdicts, *report.verdicts_back) if v.state in (VerdictState.FAIL, VerdictState.WARN)]:
        blocks.append(_noted(noted))
    if verdicts:
        blocks.append(_tally(verdicts))
    if report.verdicts_back:
        back = [verdict.state for verdict in report.verdicts_back].count
        failed = back(VerdictState.FAIL)
        words = _BACK(passed=back(VerdictState.PASS), failed=failed)
        blocks.append(Prose(words=words, tone=Tone.BAD if failed else Tone.PLAIN))
    summary = _SUMMARY(
        passed=count(tally(VerdictState.PASS)),
        failed=count(tally(VerdictState.FAIL)),
        warned=count(tally(VerdictState.WARN)),
        skipped=count(tally(VerdictState.SKIPPED)),
    )
    tone = Tone.BAD if tally(VerdictState.FAIL) else Tone.PLAIN
    return Section(
        id="verification", title=_TITLE(), summary=summary if verdicts else None, blocks=tuple(blocks), tone=tone
    )


def name_of(check: str) -> Words:
    """A check in words; a name that is not known stands as it is."""
    return next((words() for word, words in _NAMES.items() if word in check), check.replace("_", " "))


def _noted(verdicts: list[Verdict]) -> Table:
    left_out = len(verdicts) - _FEW
    return Table(
        head=tuple(head() for head in _LOOK),
        rows=tuple(_row(verdict) for verdict in verdicts[:_FEW]),
        note=_MORE(count=count(left_out)) if left_out > 0 else None,
    )


def _row(verdict: Verdict) -> Row:
    state, tone = _STATES[verdict.state]
    below: list[Code | Prose] = []
    if verdict.expected is not None or verdict.actual is not None:
        words = _EXPECTED(expected=_value(verdict.expected), actual=_value(verdict.actual))
        below.append(Prose(words=words))
    if verdict.query:
        below.append(Code(source=verdict.query.strip(), caption=_QUERY()))
    cells = (text(name_of(verdict.name)), code(verdict.object), badge(state(), tone), text(verdict.message))
    return Row(cells=cells, below=tuple(below), fold=3)


def _value(value: object) -> str:
    return "–" if value is None else str(value)


def _tally(verdicts: tuple[Verdict, ...]) -> Table:
    counted = Counter((verdict.name, verdict.state) for verdict in verdicts)
    names = dict.fromkeys(verdict.name for verdict in verdicts)
    rows = []
    for name in names:
        numbers = (number(count(counted[name, state]) if counted[name, state] else "·") for state in VerdictState)
        rows.append(Row(cells=(text(name_of(name)), *numbers)))
    return Table(head=tuple(head() for head in _TALLY), rows=tuple(rows))


CHAPTER = Chapter(order=30, make=make)
