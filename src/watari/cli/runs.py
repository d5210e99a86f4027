"""A run as people read it when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watari.cli.progress import milliseconds
from watari.evidence import Direction, Run, RunState, StepState
from watari.locale import Text

if TYPE_CHECKING:
    from watari.cli.context import Context

STATES = {
    RunState.RUNNING: Text(en="running", ja="実行中"),
    RunState.STOPPED: Text(en="stopped", ja="停止"),
    RunState.DONE: Text(en="done", ja="完了"),
    RunState.ROLLED_BACK: Text(en="rolled back", ja="ロールバック済み"),
}
WAYS = {
    Direction.FORWARD: Text(en="apply", ja="適用"),
    Direction.BACK: Text(en="rollback", ja="ロールバック"),
    Direction.RELEASE: Text(en="release", ja="解放"),
    Direction.GUARDED: Text(en="guard", ja="外部コマンド"),
}
_DONE = Text(
    en="run {run}: {way} {state}, {migrations} migrations in {steps} steps, {seconds}; longest lock {lock}, {waits} times gave way",
    ja="実行 {run}: {way} {state}。マイグレーション {migrations} 件、{steps} ステップ、{seconds}。最長ロック {lock}、ロック待ちで譲った回数 {waits}",
)


def print_run(context: Context, run: Run) -> None:
    """One line: what was done, how long, the longest lock."""
    locks = [step.longest_lock_seconds for step in run.steps if step.longest_lock_seconds]
    context.print(
        context.say(
            _DONE,
            run=run.id,
            way=WAYS[run.direction](),
            state=STATES[run.state](),
            migrations=len(run.migrations),
            steps=sum(step.state is StepState.DONE for step in run.steps),
            seconds=milliseconds(run.seconds),
            lock=milliseconds(max(locks, default=0.0)),
            waits=sum(max(0, step.attempts - 1) for step in run.steps),
        )
    )
