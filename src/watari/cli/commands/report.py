"""`watari report [RUN]`: what happened, as one file to keep."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.streams import put
from watari.errors import ExitStatus
from watari.locale import Text

_RUN = Text(
    en="a run's id, its beginning, or its number in the list; without: the last one",
    ja="実行の ID（先頭の一部でも可）または番号。省略時は最後の実行",
)
_OUT = Text(
    en="file to write; its ending chooses html, md or json (- for standard output)",
    ja="出力先。拡張子で html・md・json を選ぶ（- は標準出力）",
)
_WRITTEN = Text(en="report: {file}", ja="レポート: {file}")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """RUN, -o FILE."""
    parser.add_argument("run", nargs="?", metavar="RUN", help=say(_RUN))
    parser.add_argument("-o", "--out", metavar="FILE", help=say(_OUT))


def run(context: Context) -> ExitStatus:
    """Reads the ledger and writes one file; changes no database."""
    from watari.reporting.writers import render

    crossing = context.crossing()
    report = crossing.report(run=context.options.run)
    if context.wants_json or context.options.out == "-":
        put(render(report, "json" if context.wants_json else "md", context.language), sys.stdout)
        return ExitStatus.DONE
    path = Path(context.options.out) if context.options.out else crossing.report_path(report)
    from watari.project.files import write_named

    write_named(path, render(report, path.suffix.lstrip(".") or "html", context.language).encode())
    context.print(context.say(_WRITTEN, file=path))
    return ExitStatus.DONE


COMMAND = Command(
    summary=Text(
        en="what happened, as one HTML, Markdown or JSON file", ja="実行結果を 1 つの HTML・Markdown・JSON にまとめる"
    ),
    examples=("watari report", "watari report 20261121-0830 -o night.html", "watari report -o - > night.md"),
    run=run,
    arguments=arguments,
)
