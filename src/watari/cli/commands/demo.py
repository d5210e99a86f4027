"""`watari demo`: the whole crossing on an embedded server, with a live application."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from watari.cli.command import Command
from watari.cli.context import Context
from watari.errors import ExitStatus
from watari.locale import Text

_KEEP = Text(
    en="leave the server running and the project in place, to go on by hand",
    ja="サーバーとプロジェクトを残し、続けて手で試せるようにする",
)
_FOLDER = Text(en="where to work (default: a temporary folder)", ja="作業フォルダー（既定は一時フォルダー）")
_ROWS = Text(en="orders in the shop (default 1,000,000)", ja="注文テーブルの行数（既定 1,000,000）")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """--keep, --folder FOLDER, --rows N."""
    parser.add_argument("--keep", action="store_true", help=say(_KEEP))
    parser.add_argument("--folder", metavar="FOLDER", help=say(_FOLDER))
    parser.add_argument("--rows", type=int, default=1_000_000, metavar="N", help=say(_ROWS))


def run(context: Context) -> ExitStatus:
    """Under three minutes on two cores; leaves nothing but the report unless --keep."""
    from watari.demo.run import run as run_demo

    options = context.options
    folder = Path(options.folder).resolve() if options.folder else None
    result = run_demo(keep=options.keep, folder=folder, rows=options.rows, language=context.language, say=context.print)
    if context.wants_json:
        context.document(result)
    return ExitStatus.DONE


COMMAND = Command(
    summary=Text(
        en="the whole crossing on an embedded server, with a live application",
        ja="組み込みサーバーと稼働中アプリで全工程を体験する",
    ),
    examples=("watari demo", "watari demo --keep --lang ja"),
    run=run,
    arguments=arguments,
)
