"""What ran: the timeline of steps and locks, and each step with its tries."""

from __future__ import annotations

from watari.evidence.blocker import told
from watari.evidence.run import Direction, Run, RunState, StepOutcome, StepState
from watari.locale import Text
from watari.reporting.blocks import Block, Cell, Chapter, Prose, Row, Section, Table, Tone, badge, code, number, text
from watari.reporting.report import Report
from watari.reporting.timeline import timeline
from watari.reporting.wording import count, duration

_TITLE = Text(en="The run", ja="実行結果")
_SUMMARY = Text(
    en="Steps done: {done} of {all}, in {seconds}. Longest lock: {lock}. Times it gave way to the application: {waits}.",
    ja="{all} ステップ中 {done} ステップを {seconds} で完了。最長ロック {lock}、ロック競合時は {waits} 回アプリケーションに譲りました。",
)
_HEAD = (
    Text(en="step", ja="ステップ"),
    Text(en="migration", ja="マイグレーション"),
    Text(en="state", ja="状態"),
    Text(en="tries", ja="試行"),
    Text(en="took", ja="所要時間"),
    Text(en="longest lock", ja="最長ロック"),
    Text(en="waited", ja="待機"),
)
_STATES = {
    StepState.PENDING: (Text(en="pending", ja="未実行"), Tone.QUIET),
    StepState.INTENDED: (Text(en="to be settled", ja="確認待ち"), Tone.WARN),
    StepState.DONE: (Text(en="done", ja="完了"), Tone.GOOD),
    StepState.FAILED: (Text(en="failed", ja="失敗"), Tone.BAD),
}
_BLOCKER = Text(en="in the way: {who}", ja="ロック保持者: {who}")
_ERROR = Text(en="error: {error}", ja="エラー: {error}")
_LEFT_OUT = Text(
    en="Left out here: {count} that went through at the first try. The JSON report has them all.",
    ja="ほかの {count} ステップは初回で完了したため省略しています（JSON 形式には全件を含みます）。",
)
_TAKEN_BACK = Text(
    en="Taken back by run {run} in {seconds}; longest lock {lock}.",
    ja="実行 {run} でロールバック（{seconds}、最長ロック {lock}）。",
)
_FEW = 120


def make(report: Report) -> Section | None:
    """Timeline and table; above 120 steps only those that deserve a look."""
    run = report.outcome
    if run is None or run.direction is Direction.GUARDED:  # its own chapter tells
        return None
    blocks: list[Block] = []
    if chart := timeline(run):
        blocks.append(chart)
    blocks.append(_table(run))
    if back := report.taken_back:
        words = {"run": back.id, "seconds": duration(back.seconds), "lock": duration(longest_lock(back))}
        blocks.append(Prose(words=_TAKEN_BACK(**words)))
    summary = _SUMMARY(
        done=sum(step.state is StepState.DONE for step in run.steps),
        all=max(len(run.steps), len(report.plan.steps) if report.plan else 0),
        seconds=duration(run.seconds),
        lock=duration(longest_lock(run)),
        waits=sum(max(0, step.attempts - 1) for step in run.steps),
    )
    tone = Tone.PLAIN if run.state in (RunState.DONE, RunState.ROLLED_BACK) else Tone.BAD
    return Section(id="run", title=_TITLE(), summary=summary, blocks=tuple(blocks), tone=tone)


def longest_lock(run: Run) -> float | None:
    """The longest time that one lock of a run was held, in seconds."""
    return max((step.longest_lock_seconds for step in run.steps if step.longest_lock_seconds is not None), default=None)


def _table(run: Run) -> Table:
    shown = _worth_showing(run.steps)
    left_out = len(run.steps) - len(shown)
    return Table(
        head=tuple(head() for head in _HEAD),
        rows=tuple(_row(step) for step in shown),
        note=_LEFT_OUT(count=count(left_out)) if left_out else None,
    )


def _worth_showing(steps: tuple[StepOutcome, ...]) -> tuple[StepOutcome, ...]:
    if len(steps) <= _FEW:
        return steps
    slowest = sorted(steps, key=lambda step: -(step.seconds or 0.0))[: _FEW // 2]
    chosen = {step.id for step in slowest}
    chosen |= {step.id for step in steps if step.attempts > 1 or step.error or step.state is not StepState.DONE}
    return tuple(step for step in steps if step.id in chosen)


def _row(step: StepOutcome) -> Row:
    state, tone = _STATES[step.state]
    lock = step.longest_lock_seconds
    cells: tuple[Cell, ...] = (
        code(step.id),
        text(step.migration or "–"),
        badge(state(), tone),
        number(str(step.attempts), Tone.WARN if step.attempts > 1 else Tone.PLAIN),
        number(duration(step.seconds)),
        number(duration(lock)),
        number(duration(step.waited_seconds) if step.waited_seconds else "–"),
    )
    below = [Prose(words=_BLOCKER(who=told(blocker)), tone=Tone.WARN) for blocker in step.blockers]
    if step.error:
        below.append(Prose(words=_ERROR(error=step.error), tone=Tone.BAD))
    return Row(cells=cells, below=tuple(below), fold=1)


CHAPTER = Chapter(order=20, make=make)
