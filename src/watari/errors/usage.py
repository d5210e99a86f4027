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


class BadArgument(UsageError):
    """The command line does not follow the grammar."""

    text = Text(en="{reason}", ja="{reason}")
    hint = Text(en="{command} --help shows what it takes.", ja="使い方は {command} --help で確認できます。")


class DatabaseAmbiguous(UsageError):
    """A command for one database was given a project with several."""

    text = Text(
        en="this command works on one database, and the project has several: {names}",
        ja="このコマンドの対象は 1 つのデータベースですが、プロジェクトには複数あります: {names}",
    )
    hint = Text(en="Name one with --database NAME.", ja="--database 名前 で 1 つ指定してください。")


class ConfirmationNeeded(UsageError):
    """A command that changes a database was started where nobody can be asked."""

    text = Text(
        en='"{command}" changes the database and there is no terminal to ask',
        ja='"{command}" はデータベースを変更しますが、確認できる端末がありません',
    )
    hint = Text(
        en="Start it in a terminal, or with --yes if the plan was reviewed.",
        ja="端末から実行するか、計画を確認済みであれば --yes を付けて実行してください。",
    )
