"""How the application fared while the database changed under it."""

from __future__ import annotations

from watari.locale import Text
from watari.reporting.blocks import Bar, Bars, Block, Chapter, Row, Section, Table, Tone, number, text
from watari.reporting.report import Report, Stall
from watari.reporting.wording import count, duration

_TITLE = Text(en="The application", ja="アプリケーションへの影響")
_HOW = {
    "watari": Text(en="with watari", ja="watari で実行"),
    "naive": Text(en="the same files as written", ja="同じファイルをそのまま適用"),
}
_SUMMARY = Text(
    en="The application used the database all the time. Its longest stall was {ours}; the same files applied as written stall it for {naive}.",
    ja="アプリケーションは常時データベースを使用していました。最長停止時間は {ours}、同じファイルをそのまま適用した場合は {naive} です。",
)
_SUMMARY_ALONE = Text(
    en="The application used the database all the time. Its longest stall was {ours}.",
    ja="アプリケーションは常時データベースを使用していました。最長停止時間は {ours} です。",
)
_COURSE = Text(en="longest stall, second by second", ja="1 秒ごとの最長停止時間")
_LONGEST = Text(en="longest stall", ja="最長停止時間")
_REQUESTS = Text(en="requests", ja="リクエスト数")
_ERRORS = Text(en="errors", ja="エラー数")
_P99 = Text(en="99 % within", ja="99 % の応答時間")
_TOOK = Text(en="migrations took", ja="マイグレーション所要時間")
_WAY = Text(en="", ja="")


def make(report: Report) -> Section | None:
    """Bars on one scale, and the figures."""
    stalls = report.stalls
    if not stalls:
        return None
    by_name = {stall.how: stall for stall in stalls}
    ours, naive = by_name.get("watari"), by_name.get("naive")
    summary = None
    if ours:
        longest = duration(ours.longest_seconds)
        summary = (
            _SUMMARY(ours=longest, naive=duration(naive.longest_seconds)) if naive else _SUMMARY_ALONE(ours=longest)
        )
    scale = max(stall.longest_seconds for stall in stalls) or 1.0
    bars = Bars(bars=tuple(_bar(stall, scale) for stall in stalls), course_title=_COURSE())
    head = (_WAY(), _LONGEST(), _P99(), _REQUESTS(), _ERRORS(), _TOOK())
    blocks: tuple[Block, ...] = (bars, Table(head=head, rows=tuple(_row(stall) for stall in stalls)))
    return Section(id="application", title=_TITLE(), summary=summary, blocks=blocks)


def _bar(stall: Stall, scale: float) -> Bar:
    return Bar(
        label=_HOW[stall.how]() if stall.how in _HOW else stall.how,
        length=stall.longest_seconds / scale,
        words=duration(stall.longest_seconds),
        tone=Tone.BAD if stall.how == "naive" else Tone.GOOD,
        course=tuple(min(1.0, seconds / scale) for seconds in stall.per_second),
    )


def _row(stall: Stall) -> Row:
    return Row(
        cells=(
            text(_HOW[stall.how]() if stall.how in _HOW else stall.how),
            number(duration(stall.longest_seconds)),
            number(duration(stall.p99_seconds)),
            number(count(stall.requests)),
            number(count(stall.errors), Tone.BAD if stall.errors else Tone.PLAIN),
            number(duration(stall.seconds)),
        )
    )


CHAPTER = Chapter(order=10, make=make)
