"""`watari rollback`: the best way back that the policy allows; shows the loss first."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.plans import print_plan
from watari.cli.runs import print_run
from watari.cli.show import run_document
from watari.crossing import WayBack
from watari.errors import ExitStatus
from watari.locale import Text

_COUNT = Text(en="the last N migrations (default 1)", ja="直近 N 件のマイグレーション（既定 1）")
_TO = Text(en="back to this migration, which stays", ja="このマイグレーションまで戻す（これは残す）")
_RUN = Text(en="everything that this run applied", ja="この実行で適用したものをすべて戻す")
_YES = Text(en="do not ask", ja="確認なしで実行する")
_WAY = Text(en="only by this way: down, undo, restore", ja="戻し方を限定する: down、undo、restore")
_LEAVE = Text(
    en="leave changes of rows that cannot be undone, and take everything else back",
    ja="取り消せない行の変更はそのまま残し、それ以外をすべて戻す",
)
_NOTHING = Text(en="nothing to take back", ja="戻す対象はありません")
_LOSES = Text(en="This will be lost:", ja="次のデータが失われます:")
_KEEPS = Text(en="No row will be lost.", ja="失われるデータはありません。")
_ASK = Text(
    en="Take back {count} migrations of {target}? [y/N]",
    ja="{target} のマイグレーション {count} 件を戻します。よろしいですか？ [y/N]",
)
_LEFT = Text(en="not run", ja="実行しませんでした")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """-n N | --to NAME | --run N, --way WAY, --leave, --yes."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("-n", "--count", type=_positive, metavar="N", help=say(_COUNT))
    which.add_argument("--to", metavar="NAME", help=say(_TO))
    which.add_argument("--run", metavar="N", help=say(_RUN))
    parser.add_argument("--way", choices=("down", "undo", "restore"), help=say(_WAY))
    parser.add_argument("--leave", action="store_true", help=say(_LEAVE))
    parser.add_argument("-y", "--yes", action="store_true", help=say(_YES))


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise ValueError(value)
    return number


def run(context: Context) -> ExitStatus:
    """Shows what will be lost, asks, and takes back; an unfinished way back is continued."""
    crossing = context.crossing()
    options = context.options
    back = crossing.way_back(
        count=options.count, to=options.to, run=options.run, way=options.way, leaving=options.leave
    )
    if back is None:
        context.print(context.say(_NOTHING))
        if context.wants_json:
            context.document({"run": None, "state": "nothing", "steps": []})
        return ExitStatus.DONE
    _show(context, back)
    if not context.confirm(lambda: context.say(_ASK, count=len(back.migrations), target=crossing.target.url)):
        context.print(context.say(_LEFT))
        return ExitStatus.DONE
    done = crossing.roll_back(back)
    if context.wants_json:
        context.document(run_document(done))
    else:
        print_run(context, done)
    return ExitStatus.DONE


def _show(context: Context, back: WayBack) -> None:
    if context.options.quiet:
        return
    if back.plan:
        print_plan(context, back.plan)
    for note in back.notes:
        context.print(context.words(note))
    context.print(context.say(_LOSES if back.losses else _KEEPS))
    for loss in back.losses:
        context.print(f"  - {context.words(loss)}")


COMMAND = Command(
    summary=Text(
        en="back: by down script, by undo, or by restore; shows the loss first",
        ja="元に戻す（down・undo・復元）。失われるものを先に表示する",
    ),
    examples=(
        "watari rollback",
        "watari rollback -n 2",
        "watari rollback --to 20250612_add_email",
        "watari rollback --run 20261121-0830 --yes",
    ),
    run=run,
    arguments=arguments,
)
