"""Wrong use: an argument, a file or a setting that cannot be followed. Nothing was changed."""

from __future__ import annotations

from watari.errors.base import ExitStatus, WatariError
from watari.locale import Text


class UsageError(WatariError):
    """The caller's words are off."""

    status = ExitStatus.USAGE


class ScriptSyntax(UsageError):
    """PostgreSQL's grammar does not accept a statement of a migration."""

    text = Text(
        en="{file}:{line}:{column}: {reason}",
        ja="{file}:{line}:{column}: 構文エラー: {reason}",
    )
    hint = Text(
        en="Correct the statement; nothing was changed.",
        ja="該当の文を修正してください。データベースには何も変更していません。",
    )


class NoFramework(UsageError):
    """No folder of migrations was recognised and none was named."""

    text = Text(
        en='no migrations recognised in "{folder}"',
        ja='"{folder}" にマイグレーションが見つかりません',
    )
    hint = Text(
        en="Run watari in the project's folder, or name them: watari status --dir FOLDER --framework NAME.",
        ja="プロジェクトのフォルダーで実行するか、watari status --dir フォルダー --framework 名前 で指定してください。",
    )


class NoDatabaseUrl(UsageError):
    """Nobody said which database."""

    text = Text(
        en='no database address for environment "{environment}"',
        ja='環境 "{environment}" のデータベースの接続先が指定されていません',
    )
    hint = Text(
        en="Set {variable} in the environment or in .env, or give --url.",
        ja="環境変数または .env に {variable} を設定するか、--url を指定してください。",
    )
