"""A command of another tool that does something else than it seems to. Nothing was run."""

from __future__ import annotations

from watari.errors.usage import UsageError
from watari.locale import Text


class ResolveTakesNothingBack(UsageError):
    """`prisma migrate resolve --rolled-back` was taken for a rollback."""

    text = Text(
        en='prisma migrate resolve --rolled-back takes nothing back: "{migration}" is applied, and the command only marks '
        "a failed migration in the history",
        ja='prisma migrate resolve --rolled-back では何も元に戻りません。"{migration}" は適用済みで、このコマンドは失敗した'
        "マイグレーションの履歴に印を付けるだけです",
    )
    hint = Text(
        en="watari rollback -n 1 (or --to NAME) takes it back, by down script, undo or verified backup, and shows first what "
        "will be lost.",
        ja="元に戻すには watari rollback -n 1（または --to 名前）を使用してください。down スクリプト・undo・検証済みバックアップのうち"
        "最適な方法で戻し、失われるものを先に表示します。",
    )


class FreshDropsEverything(UsageError):
    """`migrate fresh` of SeaORM was aimed at an environment that is not for development."""

    text = Text(
        en='migrate fresh drops every table of the schema with all rows, and "{environment}" is no environment for development',
        ja='migrate fresh はスキーマの全テーブルを行ごと削除します。"{environment}" は開発用の環境ではありません',
    )
    hint = Text(
        en="Name an environment for development with -e ({known}), or take migrations back with watari rollback -n 999.",
        ja="-e で開発用の環境（{known}）を指定するか、watari rollback -n 999 でマイグレーションを戻してください。",
    )


class CleanOverLive(UsageError):
    """`pg_restore --clean` was aimed at the live database."""

    text = Text(
        en='pg_restore --clean drops what it finds in the live database "{database}", object by object while the application '
        "works, goes on after errors, and mixes old rows with new ones",
        ja='pg_restore --clean は稼働中のデータベース "{database}" のオブジェクトを 1 つずつ削除し、エラーがあっても続行するため、'
        "新旧の行が混在します",
    )
    hint = Text(
        en="watari restore {file} restores it beside, compares it, and with --swap lets it take the place of the live "
        "database, which is kept under another name.",
        ja="watari restore {file} で別名に復元して検証し、--swap を付けると稼働中のデータベースと入れ替えます"
        "（元のデータベースは別名で残ります）。",
    )
