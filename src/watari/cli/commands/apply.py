"""`watari apply [PLAN]`: the run; starting again resumes it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from watari.cli import deployment
from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.plans import print_plan, read_plan
from watari.cli.runs import print_run
from watari.cli.show import run_document
from watari.crossing import Crossing
from watari.errors import ExitStatus
from watari.evidence import Run
from watari.locale import Text
from watari.planning.plan import Plan

_PLAN = Text(en="a plan file; without: what is pending now", ja="計画ファイル（省略時は現在の未適用分）")
_YES = Text(en="do not ask", ja="確認なしで実行する")
_TO = Text(en="up to and including this migration", ja="このマイグレーションまで（含む）")
_ASK = Text(
    en="Run {steps} steps on {target}? [y/N]", ja="{target} に {steps} ステップを実行します。よろしいですか？ [y/N]"
)
_NOTHING = Text(en="nothing to do: {database} is up to date", ja="対象なし: {database} は最新です")
_LEFT = Text(en="not run", ja="実行しませんでした")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """PLAN, --to NAME, --deployed, --yes."""
    parser.add_argument("plan", nargs="?", metavar="PLAN", help=say(_PLAN))
    parser.add_argument("--to", metavar="NAME", help=say(_TO))
    deployment.option(parser, say)
    parser.add_argument("-y", "--yes", action="store_true", help=say(_YES))


def run(context: Context) -> ExitStatus:
    """Runs each database's plan; an unfinished run of the same plan is continued."""
    given = read_plan(Path(context.options.plan)) if context.options.plan else None
    crossings = (context.crossing(),) if given else context.crossings()
    runs = [done for crossing in crossings if (done := _apply(context, crossing, given))]
    if context.wants_json:
        documents = [run_document(done) for done in runs]
        context.document(documents[0] if len(documents) == 1 else {"runs": documents})
    return ExitStatus.DONE


def _apply(context: Context, crossing: Crossing, given: Plan | None) -> Run | None:
    with crossing.sessions.shared():
        plan = given or crossing.unfinished() or _pending(context, crossing)
        if plan and context.options.yes:  # nobody is waited for
            return _run(context, crossing, plan)
    return _run(context, crossing, plan)


def _pending(context: Context, crossing: Crossing) -> Plan | None:
    to = context.options.to
    return crossing.plan(to=to) if crossing.pending(to=to) else None


def _run(context: Context, crossing: Crossing, plan: Plan | None) -> Run | None:
    if plan is None or not plan.steps:
        context.print(context.say(_NOTHING, database=crossing.target.database))
        return None
    if not context.options.yes:
        print_plan(context, plan)
    if not context.confirm(lambda: context.say(_ASK, steps=len(plan.steps), target=crossing.target.url)):
        context.print(context.say(_LEFT))
        return None
    done = deployment.apply(context, crossing, plan)
    if not context.wants_json:
        print_run(context, done)
    return done


COMMAND = Command(
    summary=Text(
        en="run what is pending, or a plan; starting again continues an unfinished run",
        ja="未適用分または計画を実行する（中断した実行は再開する）",
    ),
    examples=(
        "watari apply",
        "watari apply plan.json --yes",
        "watari apply --deployed",
        "watari apply -e production --to 20250612_add_email",
    ),
    run=run,
    arguments=arguments,
)
