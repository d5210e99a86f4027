"""A run laid out over time: one lane for the steps, one for each relation that somebody could have waited for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from watari.catalog.locks import LockMode, blocks_reads, blocks_writes
from watari.evidence.recording import Recording
from watari.evidence.run import Run, StepOutcome, StepState
from watari.locale import Message, Text
from watari.reporting.blocks import Lane, Span, Timeline, Tone
from watari.reporting.wording import duration, one_line
from watari.values import dataclass

_TITLE = Text(en="Steps and locks over time", ja="ステップとロックの時系列")
_STEPS = Text(en="steps", ja="ステップ")
_STEP = Text(en="{step} {migration}: {seconds}", ja="{step} {migration}: {seconds}")
_WAITED = Text(
    en="{step} gave way and held nothing for {seconds}, tries: {tries}",
    ja="{step} は競合のため譲り、{seconds} の間ロックを保持せず待機（試行 {tries} 回）",
)
_LOCK = Text(en="{lock} for {seconds} ({step})", ja="{lock} を {seconds} 保持（{step}）")
_READS = Text(en="reads and writes wait", ja="読み書きとも待機")
_WRITES = Text(en="writes wait", ja="書き込みが待機")
_NOBODY = Text(en="nobody waits", ja="待機なし")
_CUT = Text(en="Dotted lines: idle time between steps was left out.", ja="点線: ステップ間の待ち時間を省略しています。")
_MORE = Text(
    en="{count} more relations were locked and are left out here.",
    ja="ほかにロックした {count} リレーションは省略しています。",
)
_STATEMENTS = Text(en="Statements of each session over time", ja="セッションごとの SQL 文の時系列")
_SESSION = Text(en="session {number}", ja="セッション {number}")
_STATEMENT = Text(en="{number} {sql}: {seconds}", ja="{number} {sql}: {seconds}")
_FAILED = Text(en="failed", ja="エラー")
_WENT_THROUGH = Text(en="went through", ja="成功")
_LANES = 12
_NICE = (1, 2, 5)


@dataclass(frozen=True)
class _Axis:
    """Seconds since the first step, with the idle stretches taken out."""

    first: datetime
    gaps: tuple[tuple[float, float], ...]  # where a stretch begins, how much of it is left out
    length: float

    def place(self, seconds: float) -> float:
        left_out = sum(min(max(seconds - begins, 0.0), cut) for begins, cut in self.gaps)
        return min(max((seconds - left_out) / self.length, 0.0), 1.0)


def timeline(run: Run) -> Timeline | None:
    """The chart of one run; None where no step has a time."""
    steps = [s for s in run.steps if s.started_at and s.seconds is not None and s.state is not StepState.PENDING]
    if not steps:
        return None
    axis = _axis(steps)
    lanes, left_out = _relations(steps, axis)
    cuts = tuple(axis.place(begins) for begins, _ in axis.gaps)
    note = _CUT() if cuts else _MORE(count=left_out) if left_out else None
    return Timeline(
        title=_TITLE(),
        lanes=(Lane(label=_STEPS(), spans=tuple(span for step in steps for span in _step_spans(step, axis))), *lanes),
        ticks=() if cuts else tuple(_ticks(axis.length)),
        legend=((Tone.BAD, _READS()), (Tone.WARN, _WRITES()), (Tone.QUIET, _NOBODY())),
        cuts=cuts,
        note=note,
    )


def statements_timeline(recording: Recording) -> Timeline | None:
    """The chart of what another tool sent, a lane a session, the first twelve of them; None where it sent nothing."""
    length = max((each.began + each.seconds for each in recording.statements), default=0.0)
    if not length:
        return None
    spans: dict[int, list[Span]] = {}
    for each in recording.statements:
        words = _STATEMENT(number=each.number, sql=one_line(each.sql), seconds=duration(each.seconds))
        tone = Tone.BAD if each.error else Tone.PLAIN
        span = Span(start=each.began / length, length=each.seconds / length, tone=tone, words=words)
        spans.setdefault(each.connection, []).append(span)
    lanes = [Lane(label=_SESSION(number=each), spans=tuple(spans[each])) for each in sorted(spans)[:_LANES]]
    return Timeline(
        title=_STATEMENTS(),
        lanes=tuple(lanes),
        ticks=tuple(_ticks(length)),
        legend=((Tone.PLAIN, _WENT_THROUGH()), (Tone.BAD, _FAILED())),
    )


def _axis(steps: Sequence[StepOutcome]) -> _Axis:
    """Idle stretches longer than half of all work are shortened to a tenth: a resumed run would be a blank otherwise."""
    starts = [step.started_at for step in steps if step.started_at]
    first = min(starts)
    times = sorted((_since(first, step.started_at), step.waited_seconds + (step.seconds or 0.0)) for step in steps)
    work = sum(seconds for _, seconds in times)
    kept, longest = work / 10, max(work / 2, 1.0)
    gaps, end = [], 0.0
    for start, seconds in times:
        if start - end > longest:
            gaps.append((end + kept, start - end - kept))
        end = max(end, start + seconds)
    return _Axis(first=first, gaps=tuple(gaps), length=(end - sum(cut for _, cut in gaps)) or 1.0)


def _since(first: datetime, at: datetime | None) -> float:
    return (at - first).total_seconds() if at else 0.0


def _begins(step: StepOutcome, first: datetime) -> float:
    """When the last try began, in seconds since the first step: `started_at` is that of the first try."""
    return _since(first, step.started_at) + step.waited_seconds


def _step_spans(step: StepOutcome, axis: _Axis) -> Iterator[Span]:
    start, seconds = _begins(step, axis.first), step.seconds or 0.0
    if step.waited_seconds:
        waited = _WAITED(step=step.id, seconds=duration(step.waited_seconds), tries=step.attempts)
        yield _span(axis, start - step.waited_seconds, start, Tone.QUIET, waited)
    words = _STEP(step=step.id, migration=step.migration or "", seconds=duration(seconds))
    tone = Tone.BAD if step.state is StepState.FAILED else Tone.PLAIN
    yield _span(axis, start, start + seconds, tone, words)


def _span(axis: _Axis, start: float, end: float, tone: Tone, words: Message) -> Span:
    begins = axis.place(start)
    return Span(start=begins, length=axis.place(end) - begins, tone=tone, words=words)


def _relations(steps: Sequence[StepOutcome], axis: _Axis) -> tuple[list[Lane], int]:
    """A lane for each relation that was there before, those with the strongest locks kept, in the order of first use."""
    spans: dict[str, list[Span]] = {}
    strength: dict[str, tuple[int, float]] = {}
    for step in steps:
        end = _begins(step, axis.first) + (step.seconds or 0.0)
        for effect in step.effects:
            if effect.lock is None or effect.created or effect.lock <= LockMode.ROW_SHARE:
                continue
            held = effect.seconds if effect.seconds is not None else step.longest_lock_seconds or 0.0
            words = _LOCK(lock=str(effect.lock), seconds=duration(held), step=step.id)
            # a lock is given back at the end of its step
            spans.setdefault(effect.relation, []).append(_span(axis, end - held, end, _tone(effect.lock), words))
            mine = (int(effect.lock), held)
            strength[effect.relation] = max(strength.get(effect.relation, mine), mine)
    kept = set(sorted(strength, key=lambda relation: strength[relation], reverse=True)[:_LANES])
    lanes = [Lane(label=relation, spans=tuple(found)) for relation, found in spans.items() if relation in kept]
    return lanes, len(spans) - len(lanes)


def _tone(lock: LockMode) -> Tone:
    if blocks_reads(lock):
        return Tone.BAD
    return Tone.WARN if blocks_writes(lock) else Tone.QUIET


def _ticks(length: float) -> list[tuple[float, str]]:
    """Four to eight round numbers of seconds along the axis."""
    step = 0.001
    while length / step > 8:
        step = next((step * nice for nice in _NICE[1:] if length / (step * nice) <= 8), step * 10)
    count = int(length / step)
    return [(number * step / length, duration(number * step)) for number in range(count + 1)]
