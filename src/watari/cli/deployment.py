"""A run that waits for a deployment, where a person is there to be asked whether it is out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from watari.errors.stopped import DeploymentAwaited
from watari.locale import Text

if TYPE_CHECKING:
    from watari.cli.context import Context
    from watari.crossing import Crossing
    from watari.evidence import Run
    from watari.planning.plan import Plan

_DEPLOYED = Text(
    en="the application for which the run waits is deployed",
    ja="実行が待っているアプリケーションのデプロイは完了している",
)
_WAITS = Text(en="The run waits for a deployment: {application}", ja="実行はデプロイを待っています: {application}")
_LATER = Text(
    en="  Old and new code work until then; nothing is locked, and the question may be answered days later by starting again.",
    ja="  それまでは新旧どちらのコードも動作し、ロックも保持していません。後日、再実行して答えることもできます。",
)
_ASK = Text(en="Is it out? [y/N]", ja="デプロイは完了していますか？ [y/N]")


def option(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """--deployed."""
    parser.add_argument("--deployed", action="store_true", help=say(_DEPLOYED))


def apply(context: Context, crossing: Crossing, plan: Plan) -> Run:
    """Runs the plan; at each stop for a deployment, a person at a terminal is asked, and the run goes on where it is out.

    Raises `DeploymentAwaited` where it is not, and where nobody can be asked (no terminal, or `--yes`).
    """
    deployed = bool(context.options.deployed)
    while True:
        try:
            return crossing.apply(plan, deployed=deployed)
        except DeploymentAwaited as waits:
            if not context.attended or not _is_out(context, waits):
                raise
            deployed = True


def _is_out(context: Context, waits: DeploymentAwaited) -> bool:
    context.print(context.say(_WAITS, application=waits.fields["application"]))
    context.print(context.say(_LATER))
    return context.confirm(lambda: context.say(_ASK))
