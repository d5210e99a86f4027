"""What the rehearsal expected of each step, and what it took."""

from __future__ import annotations

from watari.evidence.evidence import Evidence, Expected
from watari.evidence.run import StepOutcome, StepState
from watari.locale import Message, Text
from watari.reporting.blocks import Cell, Chapter, Row, Section, Table, Tone, badge, code, number, text
from watari.reporting.report import Report
from watari.reporting.wording import duration

_TITLE = Text(en="Times expected and taken", ja="所要時間の見込みと実績")
_SUMMARY = Text(
    en="Of {all} steps {within} took what was expected. The clone's server worked {speed} times as fast; earlier runs corrected the times by {corrected}.",
    ja="{all} ステップ中 {within} ステップが見込みの範囲内でした。クローン側サーバーの速度は {speed} 倍、過去の実績による補正は {corrected} 倍です。",
)
_AHEAD = Text(
    en="What each step will take on the database itself. The clone's server worked {speed} times as fast; earlier runs corrected the times by {corrected}.",
    ja="本番での各ステップの所要時間の見込みです。クローン側サーバーの速度は {speed} 倍、過去の実績による補正は {corrected} 倍です。",
)
_HEAD = (
    Text(en="step", ja="ステップ"),
    Text(en="on the clone", ja="クローン上"),
    Text(en="times the data", ja="データ量の比"),
    Text(en="expected", ja="見込み"),
    Text(en="taken", ja="実績"),
    Text(en="longest lock expected", ja="最長ロックの見込み"),
    Text(en="taken", ja="実績"),
    Text(en="", ja=""),
)
_WITHIN = Text(en="as expected", ja="範囲内")
_LONGER = Text(en="longer", ja="超過")
_SHORTER = Text(en="shorter", ja="短縮")
_RANGE = "{low} – {high}"
_SHOWN = 60


def make(report: Report) -> Section | None:
    """A row a step, the slowest first."""
    evidence = report.evidence
    if evidence is None or not evidence.expected:
        return None
    mine = report.outcome and report.outcome.plan_sha256 == evidence.plan_sha256
    taken = {step.id: step for step in report.outcome.steps} if report.outcome and mine else {}
    ranked = sorted(evidence.expected, key=lambda each: -each.high)
    return Section(
        id="expected",
        title=_TITLE(),
        summary=_summary(evidence, taken),
        blocks=(
            Table(
                head=tuple(head() for head in _HEAD), rows=tuple(_row(e, taken.get(e.step)) for e in ranked[:_SHOWN])
            ),
        ),
    )


def _summary(evidence: Evidence, taken: dict[str, StepOutcome]) -> Message:
    words = {"speed": f"{evidence.speed:.2f}", "corrected": f"{evidence.corrected:.2f}"}
    done = [(each, taken[each.step]) for each in evidence.expected if each.step in taken]
    if not done:
        return _AHEAD(**words)
    within = sum(_place(each, step) is _WITHIN for each, step in done)
    return _SUMMARY(all=len(done), within=within, **words)


def _place(each: Expected, step: StepOutcome) -> Text | None:
    """Where what it took lies against what was expected; None where it did not end."""
    if step.seconds is None or step.state is not StepState.DONE:
        return None
    return _LONGER if step.seconds > each.high else _SHORTER if step.seconds < each.low else _WITHIN


def _row(each: Expected, step: StepOutcome | None) -> Row:
    place = _place(each, step) if step else None
    tone = Tone.GOOD if place is _WITHIN else Tone.WARN
    lock = "–" if each.lock_high is None else _range(each.lock_low or 0.0, each.lock_high)
    cells: tuple[Cell, ...] = (
        code(each.step),
        number(duration(each.rehearsed)),
        number(f"{each.scale:.2f}"),
        number(_range(each.low, each.high)),
        number(duration(step.seconds if step else None)),
        number(lock),
        number(duration(step.longest_lock_seconds if step else None)),
        badge(place(), tone) if place else text(""),
    )
    return Row(cells=cells)


def _range(low: float, high: float) -> str:
    return _RANGE.format(low=duration(low), high=duration(high))


CHAPTER = Chapter(order=72, make=make)
