"""What the files themselves allow, and why: read by whoever asks later who decided that."""

from __future__ import annotations

from watari.locale import Text
from watari.reporting.blocks import Cell, Chapter, Row, Section, Table, Tone, badge, code, number, text
from watari.reporting.report import Report
from watari.reporting.wording import count

_TITLE = Text(en="Allowances", ja="許可コメント")
_SUMMARY = Text(
    en="Comments in the migrations that allow a hazard: {count}. Without a reason none is accepted.",
    ja="マイグレーション内でリスクを許可しているコメントは {count} 件です。理由のないものは無効です。",
)
_HEAD = (
    Text(en="place", ja="場所"),
    Text(en="rule", ja="ルール"),
    Text(en="reason", ja="理由"),
    Text(en="hazards", ja="リスク"),
)
_UNNEEDED = Text(en="not needed", ja="不要")


def make(report: Report) -> Section | None:
    """A row a comment; those of the plan where nothing was judged as written."""
    rows = [
        Row(cells=(*_said(one.file, one.line, one.rules, one.reason),
                   number(count(one.hazards)) if one.hazards else badge(_UNNEEDED(), Tone.WARN)))
        for one in report.allowances
    ]  # fmt: skip
    if not rows and report.plan:
        rows = [
            Row(cells=(*_said(one.file, one.line, one.rules, one.reason), text("–"))) for one in report.plan.allowances
        ]
    if not rows:
        return None
    table = Table(head=tuple(head() for head in _HEAD), rows=tuple(rows))
    return Section(id="allowances", title=_TITLE(), summary=_SUMMARY(count=count(len(rows))), blocks=(table,))


def _said(file: str, line: int, rules: tuple[str, ...], reason: str) -> tuple[Cell, ...]:
    return code(f"{file}:{line}"), code(", ".join(rules)), text(reason)


CHAPTER = Chapter(order=55, make=make)
