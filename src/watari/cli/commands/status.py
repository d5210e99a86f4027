"""`watari status`: applied, pending, failed, edited, vanished; per database and environment."""

from __future__ import annotations

from watari.cli.command import Command
from watari.cli.context import Context
from watari.cli.kept import print_kept
from watari.cli.show import standing_document
from watari.crossing import Crossing
from watari.crossing.keeping import kept_things
from watari.errors import ExitStatus
from watari.locale import Text
from watari.migrations import Standing, State

_STATE = {
    State.UP_TO_DATE: Text(en="up to date", ja="最新"),
    State.PENDING: Text(en="{pending} pending", ja="未適用 {pending} 件"),
    State.PROBLEM: Text(en="{problems} to look at, {pending} pending", ja="要確認 {problems} 件、未適用 {pending} 件"),
    State.ABSENT: Text(
        en="the database does not exist yet, {pending} pending", ja="データベースは未作成、未適用 {pending} 件"
    ),
}
_APPLIED = Text(en="{count} applied", ja="適用済み {count} 件")
_LAST = Text(en="{count} applied, last: {name}", ja="適用済み {count} 件、最後: {name}")
_MORE = Text(en="… and {count} more", ja="… ほか {count} 件")
_SHOWN = 20


def run(context: Context) -> ExitStatus:
    """Reads files and histories; changes nothing. 1 where a database is not up to date."""
    found = [(crossing, crossing.status()) for crossing in context.crossings()]
    if context.wants_json:
        documents = [standing_document(crossing, standing, context.language) for crossing, standing in found]
        context.document({"databases": documents})
    else:
        for crossing, standing in found:
            _print(context, crossing, standing)
    current = all(standing.state is State.UP_TO_DATE for _, standing in found)
    return ExitStatus.DONE if current else ExitStatus.LOOK


def _print(context: Context, crossing: Crossing, standing: Standing) -> None:
    counts = {"pending": len(standing.pending), "problems": len(standing.problems)}
    state = context.say(_STATE[standing.state], **counts)
    target = crossing.target
    context.print(f"{target.database}  [{target.environment}, {crossing.framework.name}]  {state}")
    if standing.applied:
        last = standing.applied[-1].name
        context.print("  " + context.say(_LAST, count=len(standing.applied), name=last))
    shown = standing.pending if context.options.verbose else standing.pending[:_SHOWN]
    for migration in shown:
        context.print(f"  + {migration.name}")
    if len(shown) < len(standing.pending):
        context.print("  " + context.say(_MORE, count=len(standing.pending) - len(shown)))
    print_kept(context, () if standing.absent else kept_things(crossing))
    for problem in standing.problems:
        context.print(f"  ! {context.words(problem.message)}")


COMMAND = Command(
    summary=Text(
        en="what is applied, pending, failed, edited or vanished, per database",
        ja="適用済み・未適用・失敗・変更・欠落を、データベースごとに表示する",
    ),
    examples=(
        "watari status",
        "watari status -e production --json",
        "watari status --url $DATABASE_URL --dir migrations",
    ),
    run=run,
    looks=Text(en="a database is not up to date", ja="最新でないデータベースがある"),
)
