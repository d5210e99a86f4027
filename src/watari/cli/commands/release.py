"""`watari release [RUN]`: lets go of what was kept; shows rows and bytes first."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.errors import ExitStatus
from watari.locale import Text

_RUN = Text(
    en="what one run kept; without: everything kept for this database",
    ja="1 回の実行が残したもの（省略時はこのデータベースのすべて）",
)
_YES = Text(en="do not ask", ja="確認なしで実行する")
_NOTHING = Text(en="nothing is kept for {database}", ja="{database} について残しているものはありません")
_ASK = Text(en="Drop these {count} for good? [y/N]", ja="この {count} 件を完全に削除します。よろしいですか？ [y/N]")
_LEFT = Text(en="not run", ja="実行しませんでした")
_DONE = Text(en="let go of {name}", ja="{name} を削除しました")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """RUN, --yes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help=say(_RUN))
    parser.add_argument("-y", "--yes", action="store_true", help=say(_YES))


def run(context: Context) -> ExitStatus:
    """Databases that a swap kept: shown with their size, dropped when a person agrees."""
    crossing = context.crossing()
    kept = crossing.kept()
    if context.wants_json and not kept:
        context.document({"released": []})
        return ExitStatus.DONE
    if not kept:
        context.print(context.say(_NOTHING, database=crossing.target.database))
        return ExitStatus.DONE
    for thing in kept:
        context.aside(f"  {thing.name}  {thing.bytes:,} bytes")
    if not context.confirm(lambda: context.say(_ASK, count=len(kept))):
        context.print(context.say(_LEFT))
        return ExitStatus.DONE
    for thing in kept:
        crossing.let_go(thing)
        context.aside(context.say(_DONE, name=thing.name))
    if context.wants_json:
        context.document({"released": [{"name": thing.name, "bytes": thing.bytes} for thing in kept]})
    return ExitStatus.DONE


COMMAND = Command(
    summary=Text(en="let go of what was kept; shows it first", ja="残しておいたものを、内容を示してから削除する"),
    examples=("watari release", "watari release --yes"),
    run=run,
    arguments=arguments,
)
