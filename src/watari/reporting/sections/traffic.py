"""The rehearsal under load: what the application's statements had to bear in each step."""

from __future__ import annotations

from watari.evidence.traffic import Span
from watari.locale import Text
from watari.reporting.blocks import Block, Chapter, Prose, Row, Section, Table, Tone, code, number, text
from watari.reporting.report import Report
from watari.reporting.wording import count, duration

_TITLE = Text(en="Rehearsed under load", ja="負荷をかけたリハーサル")
_SUMMARY = Text(
    en="{statements} statements of the application, {rate} a second over {sessions} sessions: the longest stall was {longest}.",
    ja="アプリケーションの SQL {statements} 種を {sessions} セッションから毎秒 {rate} 件送信。最長停止は {longest} でした。",
)
_HEAD = (
    Text(en="step", ja="ステップ"),
    Text(en="statements", ja="実行数"),
    Text(en="99 % within", ja="99 % の応答時間"),
    Text(en="longest stall", ja="最長停止時間"),
    Text(en="failed", ja="エラー"),
)
_QUIET = Text(en="before the plan", ja="実行前")
_FAILURE = Text(en="failed under load: {failure}", ja="負荷時のエラー: {failure}")
_REFUSED = Text(
    en="{count} statements broke a constraint with their sampled values; that says nothing about the plan.",
    ja="抽出した値が制約に反した SQL が {count} 件ありましたが、計画とは関係ありません。",
)
_SHOWN = 40


def make(report: Report) -> Section | None:
    """The quiet time first, then the steps, the longest stall first."""
    traffic = report.evidence.traffic if report.evidence else None
    if traffic is None:
        return None
    ranked = sorted(traffic.steps, key=lambda span: -span.longest)[:_SHOWN]
    table = Table(head=tuple(head() for head in _HEAD), rows=tuple(_row(span) for span in (traffic.idle, *ranked)))
    blocks: list[Block] = [table, *(Prose(words=_FAILURE(failure=each), tone=Tone.BAD) for each in traffic.failures)]
    if traffic.refused:
        blocks.append(Prose(words=_REFUSED(count=traffic.refused), tone=Tone.QUIET))
    words = {"statements": traffic.statements, "rate": f"{traffic.rate:.0f}", "sessions": traffic.sessions}
    summary = _SUMMARY(**words, longest=duration(traffic.longest))
    tone = Tone.BAD if traffic.failures else Tone.PLAIN
    return Section(id="traffic", title=_TITLE(), summary=summary, blocks=tuple(blocks), tone=tone)


def _row(span: Span) -> Row:
    return Row(
        cells=(
            code(span.step) if span.step else text(_QUIET()),
            number(count(span.operations)),
            number(duration(span.p99)),
            number(duration(span.longest)),
            number(count(span.failed), Tone.BAD if span.failed else Tone.PLAIN),
        )
    )


CHAPTER = Chapter(order=73, make=make)
