"""`watari verify`: every check of expected against actual."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.show import verdict_document
from watari.errors import ExitStatus
from watari.locale import Text
from watari.verification.verdict import Verdict, VerdictState

_RUN = Text(en="against this run instead of the last one", ja="最後の実行ではなく、この実行に対して検証する")
_STATES = {
    VerdictState.PASS: Text(en="ok", ja="合格"),
    VerdictState.FAIL: Text(en="FAIL", ja="不合格"),
    VerdictState.WARN: Text(en="warn", ja="警告"),
    VerdictState.SKIPPED: Text(en="skipped", ja="未実施"),
}
_SUMMARY = Text(
    en="{database}: {passed} checks passed, {failed} failed, {warned} warnings, {skipped} skipped",
    ja="{database}: 合格 {passed} 件、不合格 {failed} 件、警告 {warned} 件、未実施 {skipped} 件",
)


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """--run N."""
    parser.add_argument("--run", metavar="N", help=say(_RUN))


def run(context: Context) -> ExitStatus:
    """Asks and compares; changes nothing. 1 where a check fails."""
    found = [(crossing, crossing.verify(run=context.options.run)) for crossing in context.crossings()]
    if context.wants_json:
        documents = [
            {
                "database": crossing.target.database,
                "verdicts": [verdict_document(verdict, context.language) for verdict in verdicts],
            }
            for crossing, verdicts in found
        ]
        context.document({"databases": documents})
    else:
        for crossing, verdicts in found:
            print_verdicts(context, crossing.target.database, verdicts)
    failed = any(verdict.state is VerdictState.FAIL for _, verdicts in found for verdict in verdicts)
    return ExitStatus.LOOK if failed else ExitStatus.DONE


def print_verdicts(context: Context, database: str, verdicts: tuple[Verdict, ...]) -> None:
    """What did not pass, line by line (everything with -v), and the counts."""
    for verdict in verdicts:
        if verdict.state in (VerdictState.FAIL, VerdictState.WARN) or context.options.verbose:
            state = context.say(_STATES[verdict.state])
            context.print(f"  {state:7} {verdict.name}  {verdict.object}  {context.words(verdict.message)}")
    for query in dict.fromkeys(v.query.strip() for v in verdicts if v.query and v.state is VerdictState.FAIL):
        context.print(f"\n{query}\n")
    count = [verdict.state for verdict in verdicts].count
    context.print(
        context.say(
            _SUMMARY,
            database=database,
            passed=count(VerdictState.PASS),
            failed=count(VerdictState.FAIL),
            warned=count(VerdictState.WARN),
            skipped=count(VerdictState.SKIPPED),
        )
    )


COMMAND = Command(
    summary=Text(en="every check of expected against actual", ja="期待値と実際の状態をすべて照合する"),
    examples=("watari verify", "watari verify -v", "watari verify --run 20261121-0830 --json"),
    run=run,
    arguments=arguments,
    looks=Text(en="a check fails", ja="不合格の検証がある"),
)
