"""Another tool's command behind the door: how it ended, and every statement that it sent, over time and one by one."""

from __future__ import annotations

import shlex

from watari.evidence.blocker import told
from watari.evidence.recording import Ending, RecordedStatement, Recording
from watari.evidence.run import Direction, Run
from watari.locale import Message, Text
from watari.reporting.blocks import Block, Cell, Chapter, Code, Prose, Row, Section, Table, Tone, badge, code, number
from watari.reporting.report import Report
from watari.reporting.timeline import statements_timeline
from watari.reporting.wording import count, duration, one_line

_TITLE = Text(en="The command", ja="実行したコマンド")
_SUMMARY = Text(
    en="{statements} statements in {transactions} transactions over {sessions} sessions, in {seconds}; tries: {tries}.",
    ja="{statements} 文、{transactions} トランザクション、{sessions} セッション、{seconds}。試行 {tries} 回。",
)
_ARGV = Text(en="run behind watari's door", ja="watari を経由して実行")
_HEAD = (
    Text(en="no.", ja="番号"),
    Text(en="session", ja="セッション"),
    Text(en="transaction", ja="トランザクション"),
    Text(en="took", ja="所要時間"),
    Text(en="ended", ja="結果"),
    Text(en="statement", ja="SQL 文"),
)
_ENDINGS = {
    Ending.COMMITTED: (Text(en="committed", ja="コミット"), Tone.GOOD),
    Ending.ROLLED_BACK: (Text(en="rolled back", ja="ロールバック"), Tone.WARN),
    Ending.OPEN: (Text(en="left open", ja="未完了"), Tone.WARN),
}
_ERROR = Text(en="error {code}: {message}", ja="エラー {code}: {message}")
_BLOCKER = Text(en="in the way: {who}", ja="ロック保持者: {who}")
_UNTOLD = Text(
    en="What it sent was not written down: the connection to the journal was lost.",
    ja="ジャーナルへの接続が失われたため、送信された SQL は記録されていません。",
)
_LEFT_OUT = Text(
    en="Left out here: {count} that only read or set. The JSON report has them all.",
    ja="参照・設定のみの {count} 文は省略しています（JSON 形式には全件を含みます）。",
)
_FEW = 200
_WORDS = 160


def make(report: Report) -> Section | None:
    """Command line, chart and table; nothing where watari ran its own plan."""
    run = report.outcome
    if run is None or run.direction is not Direction.GUARDED:
        return None
    blocks: list[Block] = [Code(source=shlex.join(run.command), caption=_ARGV())]
    blocks += [Prose(words=_BLOCKER(who=told(who)), tone=Tone.WARN) for step in run.steps for who in step.blockers]
    recording = report.recording
    if recording is None:
        blocks.append(Prose(words=_UNTOLD(), tone=Tone.WARN))
        return Section(id="command", title=_TITLE(), blocks=tuple(blocks), tone=Tone.BAD)
    if chart := statements_timeline(recording):
        blocks.append(chart)
    blocks.append(_table(recording))
    return Section(
        id="command",
        title=_TITLE(),
        summary=_summary(run, recording),
        blocks=tuple(blocks),
        tone=Tone.BAD if run.error else Tone.PLAIN,
    )


def _summary(run: Run, recording: Recording) -> Message:
    return _SUMMARY(
        statements=count(len(recording.statements)),
        transactions=count(sum(1 for _ in recording.transactions())),
        sessions=count(recording.connections),
        seconds=duration(run.seconds),
        tries=sum(step.attempts for step in run.steps),
    )


def _table(recording: Recording) -> Table:
    shown = [each for each in recording.statements if each.error or not each.quiet][:_FEW]
    left_out = len(recording.statements) - len(shown)
    return Table(
        head=tuple(head() for head in _HEAD),
        rows=tuple(_row(each) for each in shown),
        note=_LEFT_OUT(count=count(left_out)) if left_out else None,
    )


def _row(statement: RecordedStatement) -> Row:
    ending, tone = _ENDINGS[statement.ending]
    words = one_line(statement.sql, _WORDS)
    below: list[Code | Prose] = [Code(source=statement.sql)] if words != statement.sql else []
    if error := statement.error:
        below.append(Prose(words=_ERROR(code=error.code, message=error.message), tone=Tone.BAD))
    cells: tuple[Cell, ...] = (
        number(str(statement.number)),
        number(str(statement.connection)),
        number(str(statement.transaction)),
        number(duration(statement.seconds)),
        badge(ending(), Tone.BAD if statement.error else tone),
        code(words),
    )
    return Row(cells=cells, below=tuple(below), fold=5)


CHAPTER = Chapter(order=25, make=make)
