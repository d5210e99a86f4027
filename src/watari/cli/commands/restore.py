"""`watari restore`: beside the live database, verified, then the names are swapped if wanted."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from watari.cli.command import Command
from watari.cli.context import Context
from watari.errors import ExitStatus
from watari.locale import Text

_WHAT = Text(
    en="a backup's id, or a dump file (.sql, .dump); without: the newest backup",
    ja="バックアップ ID またはダンプファイル（.sql・.dump）。省略時は最新",
)
_AS = Text(en="name of the restored database", ja="復元先のデータベース名")
_SWAP = Text(
    en="then take the place of the live database, which is kept under another name",
    ja="検証後に稼働中のデータベースと入れ替える（元は別名で残す）",
)
_YES = Text(en="do not ask", ja="確認なしで実行する")
_ASK = Text(
    en="Replace {target} by the backup {backup}? Sessions will be closed; the present database is kept. [y/N]",
    ja="{target} をバックアップ {backup} に入れ替えます。接続は切断され、現在のデータベースは別名で残ります。よろしいですか？ [y/N]",
)
_BESIDE = Text(en="restored beside as {database} in {seconds}", ja="{database} として復元しました（{seconds}）")
_SWAPPED = Text(
    en="{database} is now the restored one (names swapped in {seconds}); the database of before is kept as {kept}",
    ja="{database} を復元したものに入れ替えました（{seconds}）。元のデータベースは {kept} として残しています",
)
_LEFT = Text(en="not run", ja="実行しませんでした")


def arguments(parser: argparse.ArgumentParser, say: Callable[[Text], str]) -> None:
    """BACKUP, --as NAME, --swap, --yes."""
    parser.add_argument("what", nargs="?", metavar="BACKUP", help=say(_WHAT))
    parser.add_argument("--as", dest="name", metavar="NAME", help=say(_AS))
    parser.add_argument("--swap", action="store_true", help=say(_SWAP))
    parser.add_argument("-y", "--yes", action="store_true", help=say(_YES))


def run(context: Context) -> ExitStatus:
    """Never overwrites the live database. 1 where the restored one is not what the backup says."""
    from watari.cli.progress import milliseconds

    crossing = context.crossing()
    options = context.options
    if options.swap and not context.confirm(
        lambda: context.say(_ASK, target=crossing.target.url, backup=options.what or "-")
    ):
        context.print(context.say(_LEFT))
        return ExitStatus.DONE
    done = crossing.restore(options.what, name=options.name, swap=options.swap)
    if context.wants_json:
        from watari.project.plain import plain

        context.document(plain(done))
    else:
        if done.swapped:
            words = {"seconds": milliseconds(done.swap_seconds), "kept": done.kept or "-", "database": done.database}
            context.print(context.say(_SWAPPED, **words))
        else:
            context.print(context.say(_BESIDE, database=done.database, seconds=milliseconds(done.seconds)))
        for finding in done.findings:
            context.print(f"  ! {finding}")
    return ExitStatus.LOOK if done.findings else ExitStatus.DONE


COMMAND = Command(
    summary=Text(
        en="a backup beside the live database, verified; --swap takes its place",
        ja="バックアップを別名で復元して検証し、必要なら入れ替える",
    ),
    examples=(
        "watari restore",
        "watari restore 20261121-shop-full --as shop_check",
        "watari restore --swap",
        "watari restore backup_20250101.sql",
    ),
    run=run,
    arguments=arguments,
    looks=Text(en="the restored database differs from the backup's manifest", ja="復元結果がマニフェストと一致しない"),
)
