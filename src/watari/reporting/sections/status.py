"""Where the database stood against its files, before and after."""

from __future__ import annotations

from watari.locale import Text
from watari.migrations.migration import State
from watari.reporting.blocks import Block, Cell, Chapter, Prose, Row, Section, Table, Tone, badge, number, text
from watari.reporting.report import Report, Snapshot
from watari.reporting.wording import count, moment

_TITLE = Text(en="Status before and after", ja="実行前後の状態")
_WHEN = (Text(en="before", ja="実行前"), Text(en="after", ja="実行後"))
_HEAD = (
    Text(en="", ja=""),
    Text(en="state", ja="状態"),
    Text(en="applied", ja="適用済み"),
    Text(en="pending", ja="未適用"),
    Text(en="last applied", ja="最後に適用したもの"),
    Text(en="at", ja="日時"),
)
_STATES = {
    State.UP_TO_DATE: (Text(en="up to date", ja="最新"), Tone.GOOD),
    State.PENDING: (Text(en="pending", ja="未適用あり"), Tone.WARN),
    State.PROBLEM: (Text(en="problem", ja="問題あり"), Tone.BAD),
    State.ABSENT: (Text(en="no database yet", ja="データベースなし"), Tone.QUIET),
}
_PROBLEM = Text(en="{when}: {problem}", ja="{when}: {problem}")


def make(report: Report) -> Section | None:
    """One line each, and the problems in words."""
    known = [(when, snapshot) for when, snapshot in zip(_WHEN, (report.before, report.after), strict=True) if snapshot]
    if not known:
        return None
    blocks: list[Block] = [
        Table(head=tuple(head() for head in _HEAD), rows=tuple(_row(when, snapshot) for when, snapshot in known))
    ]
    for when, snapshot in known:
        blocks += [Prose(words=_PROBLEM(when=when(), problem=problem), tone=Tone.WARN) for problem in snapshot.problems]
    return Section(id="status", title=_TITLE(), blocks=tuple(blocks))


def _row(when: Text, snapshot: Snapshot) -> Row:
    state, tone = _STATES[snapshot.state]
    cells: tuple[Cell, ...] = (
        text(when()),
        badge(state(), tone),
        number(count(snapshot.applied)),
        number(count(len(snapshot.pending))),
        text(snapshot.last or "–"),
        text(moment(snapshot.at)),
    )
    return Row(cells=cells)


CHAPTER = Chapter(order=40, make=make)
