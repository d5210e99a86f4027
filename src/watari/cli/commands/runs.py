"""`watari runs [N]`: what happened, newest first; one run with its steps; and a hand on the one that is under way."""

from __future__ import annotations

import argparse
import contextlib
import shlex
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.progress import milliseconds
from watari.cli.runs import STATES, WAYS
from watari.cli.show import run_document
from watari.errors import ExitStatus, WatariError
from watari.evidence import Run, StepOutcome
from watari.evidence.blocker import told
from watari.locale import Text

_RUN = Text(
    en="a run's id, its beginning, or its number in the list", ja="実行の ID（先頭の一部でも可）または一覧の番号"
)
_NOT_ASKED = Text(
    en='the journal of "{database}" was not read: {reason}',
    ja='"{database}" のジャーナルは読み取れませんでした: {reason}',
)
_TRY = Text(en="attempt {number}", ja="{number} 回目")
_TRIES = {
    "done": Text(en="done", ja="完了"),
    "gave_way": Text(en="gave way", ja="譲った"),
    "failed": Text(en="failed", ja="失敗"),
    "interrupted": Text(en="interrupted", ja="中断"),
    "intended": Text(en="under way, or cut off", ja="実行中または切断"),
}
_ONE = Text(en="{who}", ja="{who}")
_START = Text(en="start {number}", ja="{number} 回目の開始")
_STARTS = {
    "running": Text(en="under way", ja="実行中"),
    "stopped": Text(en="stopped", ja="停止"),
    "done": Text(en="done", ja="完了"),
    "rolled_back": Text(en="rolled back", ja="ロールバック済み"),
    "broken_off": Text(en="broken off", ja="強制終了または切断"),
}
_MORE = Text(en="… {count} more that gave way …", ja="… ほか {count} 回譲りました …")
#: Of hundreds of tries that gave way, the first and the last tell everything.
_SHOWN = 3
_PAUSE = Text(
    en="the backfill of the run under way rests after its present batch, until --resume",
    ja="実行中のバックフィルを現在のバッチの後で一時停止する（--resume まで）",
)
_RESUME = Text(en="it goes on", ja="一時停止を解除する")
_SPEED = Text(
    en="the part of the time in which its backfill works, in percent (100: without rests)",
    ja="バックフィルが動作する時間の割合（%、100 で休止なし）",
)
_STEERED = Text(
    en="run {run}: its backfills go at {speed} %",
    ja="実行 {run}: バックフィルの速度 {speed} %",
)
_PAUSED = Text(
    en="run {run}: its backfills are paused (then {speed} %); watari runs {run} --resume lets them go on",
    ja="実行 {run}: バックフィルを一時停止中（再開後 {speed} %）。watari runs {run} --resume で再開します",
)
_NONE = Text(en="no runs yet", ja="実行履歴はありません")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """N, --pause or --resume, --speed."""
    parser.add_argument("run", nargs="?", metavar="N", help=say(_RUN))
    pause = parser.add_mutually_exclusive_group()
    pause.add_argument("--pause", action="store_const", const=True, dest="paused", help=say(_PAUSE))
    pause.add_argument("--resume", action="store_const", const=False, dest="paused", help=say(_RESUME))
    parser.add_argument("--speed", type=float, metavar="PERCENT", help=say(_SPEED))


def run(context: Context) -> ExitStatus:
    """Reads the ledger, after what the journals of the databases know beyond it was taken into it.

    A pause or a speed is written into the target, where the run looks for it.
    """
    if context.options.paused is not None or context.options.speed is not None:
        return _steer(context)
    from watari.ledger.ledger import Ledger

    _catch_up(context)
    with Ledger.open(context.project.root, context.project.ledger) as ledger:
        if wanted := context.options.run:
            _show(context, ledger.run(wanted))
        else:
            _list(context, ledger.runs())
        for complaint in ledger.complaints:
            context.aside(context.words(complaint))
    return ExitStatus.DONE


def _catch_up(context: Context) -> None:
    """A run that was killed, or started on another machine, stands in its database's journal only."""
    from watari.crossing.journaled import catch_up
    from watari.ledger.ledger import Ledger

    try:
        crossings = context.crossings()
    except WatariError:  # without an address the ledger tells what it knows
        return
    with Ledger.open(context.project.root, context.project.ledger) as ledger:
        known = {run.id: run.state for run in ledger.runs()}
    for crossing in crossings:
        try:
            catch_up(crossing, known)
        except WatariError as unreachable:
            words = context.words(unreachable.message)
            context.aside(context.say(_NOT_ASKED, database=crossing.target.database, reason=words))


def _steer(context: Context) -> ExitStatus:
    from watari.crossing.running import steered
    from watari.errors.usage import BadSpeed

    paused, speed = context.options.paused, context.options.speed
    if speed is not None and not 1 <= speed <= 100:
        raise BadSpeed(speed=f"{speed:g}")
    part = speed / 100 if speed is not None else None
    crossing = context.crossing()
    run, now_paused, now_speed = steered(crossing, _id(context), paused=paused, speed=part)
    if context.wants_json:
        context.document({"run": run, "paused": now_paused, "speed": now_speed})
    words = _PAUSED if now_paused else _STEERED
    context.print(context.say(words, run=run, speed=f"{now_speed * 100:g}"))
    return ExitStatus.DONE


def _id(context: Context) -> str | None:
    """The run that is meant, where a number of the list was given by its id."""
    from watari.ledger.ledger import Ledger

    wanted: str | None = context.options.run
    if wanted is None or not wanted.isdigit():
        return wanted
    _catch_up(context)
    with Ledger.open(context.project.root, context.project.ledger) as ledger:
        return ledger.run(wanted).id


def _list(context: Context, runs: tuple[Run, ...]) -> None:
    if context.wants_json:
        context.document({"runs": [run_document(run) for run in runs]})
        return
    if not runs:
        context.print(context.say(_NONE))
    for number, run in enumerate(runs, start=1):
        words = (context.say(WAYS[run.direction]), context.say(STATES[run.state]), milliseconds(run.seconds))
        names = shlex.join(run.command) or ", ".join(run.migrations[:3]) + (" …" if len(run.migrations) > 3 else "")
        context.print(f"{number:3}  {run.id}  {run.database} [{run.environment}]  {'  '.join(words)}  {names}")


def _show(context: Context, run: Run) -> None:
    if context.wants_json:
        context.document(run_document(run))
        return
    words = f"{context.say(WAYS[run.direction])}  {context.say(STATES[run.state])}"
    context.print(f"{run.id}  {run.database} [{run.environment}]  {words}  {milliseconds(run.seconds)}")
    if run.command:
        context.print(f"  {shlex.join(run.command)}")
    if len(run.starts) > 1 or any(start.error for start in run.starts):
        _show_starts(context, run)
    for step in run.steps:
        lock = f"  lock {milliseconds(step.longest_lock_seconds)}" if step.longest_lock_seconds else ""
        tries = f"  ×{step.attempts}" if step.attempts > 1 else ""
        state = step.state.value
        context.print(
            f"  {step.id:8} {step.kind:12} {state:8} {milliseconds(step.seconds):>8}{lock}{tries}  {step.migration or ''}"
        )
        _show_tries(context, step)
    _show_kept(context, run)


def _show_kept(context: Context, run: Run) -> None:
    """What of the run is still kept; nothing is said where its database cannot be reached."""
    from watari.cli.kept import print_kept
    from watari.crossing.keeping import kept_things

    with contextlib.suppress(WatariError):
        for crossing in context.crossings():
            if crossing.target.database == run.database:
                print_kept(context, (thing for thing in kept_things(crossing) if thing.kept.run == run.id))


def _show_starts(context: Context, run: Run) -> None:
    """Who began the run, and who went on with it."""
    for start in run.starts:
        words = (
            context.say(_START, number=start.number),
            context.say(_STARTS[start.state]),
            f"{start.by}@{start.host}",
        )
        context.print(f"  {start.started_at:%Y-%m-%d %H:%M:%S}  {'  '.join(words)}  watari {start.version}")
        if start.error:
            context.print(f"    ! {start.error}")


def _show_tries(context: Context, step: StepOutcome) -> None:
    """Every attempt of a step that needed more than one, or that is not done."""
    tries = list(step.tries)
    left_out = tries[_SHOWN:-_SHOWN] if all(each.state == "gave_way" for each in tries[_SHOWN:-_SHOWN]) else []
    for each in tries:
        if each in left_out:
            if each is left_out[0]:
                context.print(f"           {context.say(_MORE, count=len(left_out))}")
            continue
        words = (context.say(_TRY, number=each.number), context.say(_TRIES[each.state]), milliseconds(each.seconds))
        context.print(f"           {each.started_at:%Y-%m-%d %H:%M:%S}  {'  '.join(words)}")
        for blocker in each.blockers:
            context.print(f"             ← {context.say(_ONE, who=told(blocker))}")
        if each.error and each.state != "gave_way":
            context.print(f"             ! {each.error}")


COMMAND = Command(
    summary=Text(en="what happened: all runs, or one with its steps", ja="実行履歴の一覧、または 1 件の詳細を表示する"),
    examples=(
        "watari runs",
        "watari runs 1",
        "watari runs 20261121-0830 --json",
        "watari runs --pause",
        "watari runs --resume --speed 25",
    ),
    run=run,
    arguments=arguments,
)
