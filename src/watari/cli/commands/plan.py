"""`watari plan`: the steps, in phases, as a table and as canonical JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.plans import print_plan, write_plan
from watari.errors import ExitStatus
from watari.locale import Text

_OUT = Text(en="write the plan's canonical JSON to FILE", ja="計画の正規化 JSON を FILE に書き出す")
_TO = Text(en="up to and including this migration", ja="このマイグレーションまで（含む）")
_WRITTEN = Text(en="written to {file}", ja="{file} に書き出しました")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """-o FILE, --to NAME."""
    parser.add_argument("-o", "--out", metavar="FILE", help=say(_OUT))
    parser.add_argument("--to", metavar="NAME", help=say(_TO))


def run(context: Context) -> ExitStatus:
    """Plans every database that the options name; changes nothing."""
    crossings = context.crossings() if not context.options.out else (context.crossing(),)
    plans = [crossing.plan(to=context.options.to) for crossing in crossings]
    if context.options.out:
        write_plan(plans[0], Path(context.options.out))
        context.aside(context.say(_WRITTEN, file=context.options.out))
    if context.wants_json:
        from watari.planning.canonical import dumps

        documents = [json.loads(dumps(plan)) for plan in plans]
        context.document(documents[0] if len(documents) == 1 else {"plans": documents})
    else:
        for plan in plans:
            print_plan(context, plan)
    return ExitStatus.DONE


COMMAND = Command(
    summary=Text(
        en="the steps, in phases, with locks and way back", ja="実行ステップ・ロック・戻し方を計画として表示する"
    ),
    examples=("watari plan", "watari plan -o plan.json", "watari plan --to 20250612_add_email"),
    run=run,
    arguments=arguments,
)
