"""`watari release [RUN]`: lets go of what was kept; shows rows and bytes first."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from watari.catalog import KeptKind, KeptThing
from watari.cli.command import Command
from watari.cli.context import Context
from watari.crossing import Crossing
from watari.crossing.keeping import kept_things, release
from watari.errors import ExitStatus
from watari.evidence.restoration import KeptDatabase
from watari.locale import Text
from watari.planning.deployment import deployment_for

_RUN = Text(
    en="what one run kept; without: everything kept for this database",
    ja="1 回の実行が残したもの（省略時はこのデータベースのすべて）",
)
_YES = Text(en="do not ask", ja="確認なしで実行する")
_DUE = Text(
    en="only what has been kept for as long as the policy says (setting keep)",
    ja="ポリシーの保持期間 (設定 keep) を過ぎたものだけ",
)
_NOTHING = Text(en="nothing is kept for {database}", ja="{database} について残しているものはありません")
_ASK = Text(en="Drop these {count} for good? [y/N]", ja="この {count} 件を完全に削除します。よろしいですか？ [y/N]")
_LEFT = Text(en="not run", ja="実行しませんでした")
_DONE = Text(en="let go of {name}", ja="{name} を削除しました")
_WHAT = {
    KeptKind.COLUMN: Text(en="column {object}, dropped", ja="カラム {object}（削除済み）"),
    KeptKind.REPLACED: Text(en="column {object} as it was", ja="カラム {object}（変更前）"),
    KeptKind.TABLE: Text(en="table {object}, dropped", ja="テーブル {object}（削除済み）"),
    KeptKind.SCHEMA: Text(en="schema {object}, dropped", ja="スキーマ {object}（削除済み）"),
    KeptKind.ROWS: Text(en="rows of {object}, deleted", ja="{object} の行（削除済み）"),
    KeptKind.VALUES: Text(en="values of {object} as they were", ja="{object} の値（変更前）"),
    KeptKind.NAME: Text(en="the old name {object}", ja="旧名 {object}"),
    KeptKind.COLUMN_NAME: Text(en="the old name {object} of a column", ja="カラムの旧名 {object}"),
}
_LINE = Text(
    en="  {what}: about {rows} rows, {bytes} bytes; kept as {place} by run {run} since {since}",
    ja="  {what}: 約 {rows} 行、{bytes} バイト。実行 {run} により {since} から {place} として保持",
)
_FIRST = Text(en="    First: {note}", ja="    事前に: {note}")
_GONE = Text(
    en="Afterwards watari rollback has only the usual ways for them: down script, undo, or a backup.",
    ja="削除後の watari rollback は、通常の方法（down スクリプト・undo・バックアップ）のみとなります。",
)


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """RUN, --due, --yes."""
    parser.add_argument("run", nargs="?", metavar="RUN", help=say(_RUN))
    parser.add_argument("--due", action="store_true", help=say(_DUE))
    parser.add_argument("-y", "--yes", action="store_true", help=say(_YES))


def run(context: Context) -> ExitStatus:
    """What runs and swaps kept: shown with rows and bytes, dropped when a person agrees."""
    crossing = context.crossing()
    wanted, due = context.options.run, context.options.due
    things = [thing for thing in kept_things(crossing) if _wanted(thing, wanted, due, crossing)]
    databases = () if wanted or due else crossing.kept()
    if not things and not databases:
        context.print(context.say(_NOTHING, database=crossing.target.database))
        if context.wants_json:
            context.document({"released": []})
        return ExitStatus.DONE
    _show(context, things, databases)
    if not context.confirm(lambda: context.say(_ASK, count=len(things) + len(databases))):
        context.print(context.say(_LEFT))
        return ExitStatus.DONE
    if things:
        release(crossing, things)
    for thing in databases:
        crossing.let_go(thing)
    _tell(context, things, databases)
    return ExitStatus.DONE


def _wanted(thing: KeptThing, run: str | None, due: bool, crossing: Crossing) -> bool:
    if run and not thing.kept.run.startswith(run):
        return False
    return not due or thing.due(crossing.target.policy.keep, datetime.now(UTC))


def _show(context: Context, things: Sequence[KeptThing], databases: Sequence[KeptDatabase]) -> None:
    for thing in things:
        kept = thing.kept
        since = f"{kept.kept_at.astimezone():%Y-%m-%d %H:%M}" if kept.kept_at else "-"
        what = context.say(_WHAT[kept.kind], object=kept.object)
        sizes = {"rows": f"{thing.rows:,}", "bytes": f"{thing.bytes:,}"}
        context.aside(context.say(_LINE, what=what, place=kept.place, run=kept.run, since=since, **sizes))
        if awaits := deployment_for(kept):
            context.aside(context.say(_FIRST, note=context.say(Text(en=awaits.en, ja=awaits.ja))))
    for database in databases:
        context.aside(f"  {database.name}  {database.bytes:,} bytes")
    if things:
        context.aside(context.say(_GONE))


def _tell(context: Context, things: Sequence[KeptThing], databases: Sequence[KeptDatabase]) -> None:
    released: list[dict[str, object]] = [
        {"name": thing.kept.object, "kind": thing.kept.kind.value, "rows": thing.rows, "bytes": thing.bytes}
        for thing in things
    ]
    released += [{"name": database.name, "bytes": database.bytes} for database in databases]
    for each in released:
        context.aside(context.say(_DONE, name=each["name"]))
    if context.wants_json:
        context.document({"released": released})


COMMAND = Command(
    summary=Text(en="let go of what was kept; shows it first", ja="残しておいたものを、内容を示してから削除する"),
    examples=("watari release", "watari release 20261121-0830 --yes", "watari release --due --yes"),
    run=run,
    arguments=arguments,
)
