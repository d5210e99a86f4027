"""`watari guard -- COMMAND`: a framework's own command behind watari's patience, lock and log."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress

from watari.cli.command import Command
from watari.cli.context import Context
from watari.errors import ExitStatus
from watari.locale import Text

_COMMAND = Text(
    en="the command and its arguments, after --; it finds the address in DATABASE_URL",
    ja="-- の後に実行するコマンド。接続先は DATABASE_URL で渡される",
)
_YES = Text(en="do not ask", ja="確認なしで実行する")
_ASK = Text(
    en="Run {command} on {target}? [y/N]", ja="{target} に対して {command} を実行します。よろしいですか？ [y/N]"
)
_LEFT = Text(en="not run", ja="実行しませんでした")
_ENDED = Text(
    en="ended with exit status {status} after {seconds}, {attempts} attempts",
    ja="終了ステータス {status}、{seconds}、試行 {attempts} 回",
)

_IN_THE_WAY = Text(en="in the way: {blockers}", ja="ロック保持者: {blockers}")
_REPORT = Text(en="report: {file}", ja="レポート: {file}")
_LOG = Text(en="log: {file}", ja="ログ: {file}")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """-- COMMAND."""
    parser.add_argument("-y", "--yes", action="store_true", help=say(_YES))
    parser.add_argument("argv", nargs="+", metavar="COMMAND", help=say(_COMMAND))


def run(context: Context) -> ExitStatus:
    """Runs the command with watari's timeouts in its address; tried again as a whole when it gave way. 1 where it failed."""
    from watari.cli.progress import milliseconds
    from watari.cli.recordings import print_recording
    from watari.errors.usage import NothingHappened

    crossing = context.crossing()
    argv = tuple(context.options.argv)
    if not context.confirm(lambda: context.say(_ASK, command=" ".join(argv), target=crossing.target.url)):
        context.print(context.say(_LEFT))
        return ExitStatus.DONE
    ended = crossing.guard(argv)
    if context.wants_json:
        from watari.project.plain import plain

        context.document(plain(ended))
    else:
        words = {"status": ended.status, "seconds": milliseconds(ended.seconds), "attempts": ended.attempts}
        context.print(context.say(_ENDED, **words))
        print_recording(context, ended.recording)
        if ended.status and ended.blockers:
            context.print(context.say(_IN_THE_WAY, blockers="; ".join(ended.blockers)))
        if ended.log_file:
            context.print(context.say(_LOG, file=ended.log_file))
        with suppress(NothingHappened):  # the server went away, and the journal with it
            context.print(context.say(_REPORT, file=crossing.write_report(context.language, run=ended.id)))
    return ExitStatus.LOOK if ended.status else ExitStatus.DONE


COMMAND = Command(
    summary=Text(
        en="a framework's own command behind watari's patience, lock and log",
        ja="フレームワーク自身のコマンドを、watari のロック制御とログの下で実行する",
    ),
    examples=("watari guard -- alembic upgrade head", "watari guard --yes -- npx prisma migrate deploy"),
    run=run,
    arguments=arguments,
    looks=Text(en="the command failed", ja="コマンドが失敗した"),
)
