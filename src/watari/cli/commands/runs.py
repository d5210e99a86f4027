"""`watari runs [N]`: what happened, newest first; one run with each of its steps."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.progress import milliseconds
from watari.cli.runs import STATES, WAYS
from watari.cli.show import run_document
from watari.errors import ExitStatus
from watari.evidence import Run
from watari.locale import Text

_RUN = Text(
    en="a run's id, its beginning, or its number in the list", ja="実行の ID（先頭の一部でも可）または一覧の番号"
)
_NONE = Text(en="no runs yet", ja="実行履歴はありません")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """N."""
    parser.add_argument("run", nargs="?", metavar="N", help=say(_RUN))


def run(context: Context) -> ExitStatus:
    """Reads the ledger; changes nothing."""
    from watari.ledger.ledger import Ledger

    with Ledger.open(context.project.root, context.project.ledger) as ledger:
        if wanted := context.options.run:
            _show(context, ledger.run(wanted))
        else:
            _list(context, ledger.runs())
        for complaint in ledger.complaints:
            context.aside(context.words(complaint))
    return ExitStatus.DONE


def _list(context: Context, runs: tuple[Run, ...]) -> None:
    if context.wants_json:
        context.document({"runs": [run_document(run) for run in runs]})
        return
    if not runs:
        context.print(context.say(_NONE))
    for number, run in enumerate(runs, start=1):
        words = (context.say(WAYS[run.direction]), context.say(STATES[run.state]), milliseconds(run.seconds))
        names = ", ".join(run.migrations[:3]) + (" …" if len(run.migrations) > 3 else "")
        context.print(f"{number:3}  {run.id}  {run.database} [{run.environment}]  {'  '.join(words)}  {names}")


def _show(context: Context, run: Run) -> None:
    if context.wants_json:
        context.document(run_document(run))
        return
    words = f"{context.say(WAYS[run.direction])}  {context.say(STATES[run.state])}"
    context.print(f"{run.id}  {run.database} [{run.environment}]  {words}  {milliseconds(run.seconds)}")
    for step in run.steps:
        lock = f"  lock {milliseconds(step.longest_lock_seconds)}" if step.longest_lock_seconds else ""
        tries = f"  ×{step.attempts}" if step.attempts > 1 else ""
        state = step.state.value
        context.print(
            f"  {step.id:8} {step.kind:12} {state:8} {milliseconds(step.seconds):>8}{lock}{tries}  {step.migration or ''}"
        )
        for blocker in step.blockers:
            context.print(f"           ← {blocker}")
        if step.error:
            context.print(f"           ! {step.error}")


COMMAND = Command(
    summary=Text(en="what happened: all runs, or one with its steps", ja="実行履歴の一覧、または 1 件の詳細を表示する"),
    examples=("watari runs", "watari runs 1", "watari runs 20261121-0830 --json"),
    run=run,
    arguments=arguments,
)
