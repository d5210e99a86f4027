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


class FileUnreadable(UsageError):
    """A file that the caller named cannot be read."""

    text = Text(en='cannot read "{file}": {reason}', ja='"{file}" を読み込めません: {reason}')
    hint = Text(en="Check the path and its permissions.", ja="パスと権限を確認してください。")


class GitRange(UsageError):
    """git does not know the range."""

    text = Text(
        en='git does not take the range "{range}": {reason}', ja='git の範囲 "{range}" を解釈できません: {reason}'
    )
    hint = Text(
        en="Give a range such as main..HEAD, inside a git checkout.",
        ja="git リポジトリ内で main..HEAD のような範囲を指定してください。",
    )


class NothingToExplain(UsageError):
    """`explain` was asked for a name that has no card."""

    text = Text(en='nothing is known under "{name}"', ja='"{name}" という項目はありません')
    hint = Text(
        en="Close to it: {known}. watari explain lists every name.",
        ja="近い名前: {known}。watari explain で一覧を表示します。",
    )


class BadDatabaseUrl(UsageError):
    """An address of a database that cannot be read. No part of the address is shown: it may belong to a password."""

    text = Text(
        en='database address in "{source}" cannot be read: {reason}',
        ja='"{source}" のデータベース接続先を読み取れません: {reason}',
    )
    hint = Text(
        en="Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in user and password the characters "
        "@ : / ? # % are percent-encoded (%40 %3A %2F %3F %23 %25).",
        ja="postgresql://ユーザー:パスワード@ホスト:ポート/データベース の形式で指定してください。"
        "ユーザー名とパスワードに含まれる @ : / ? # % はパーセントエンコード（%40 %3A %2F %3F %23 %25）が必要です。",
    )


class ScriptCommand(UsageError):
    """A psql command in a script that watari does not follow, or cannot."""

    text = Text(
        en='{file}:{line}: psql command "{command}": {reason}',
        ja='{file}:{line}: psql コマンド "{command}": {reason}',
    )
    hint = Text(en="{todo}", ja="{todo}")


class ScriptEncoding(UsageError):
    """A script is not UTF-8 text."""

    text = Text(
        en="{file}:{line}: the file is not UTF-8 text: {reason}",
        ja="{file}:{line}: UTF-8 のテキストではありません: {reason}",
    )
    hint = Text(
        en="Save the file as UTF-8, for example with: iconv -f {encoding} -t UTF-8 {file}",
        ja="UTF-8 で保存し直してください。例: iconv -f {encoding} -t UTF-8 {file}",
    )


class SettingsExist(UsageError):
    """`init` would write over a settings file."""

    text = Text(en='"{file}" is there already', ja='"{file}" はすでに存在します')
    hint = Text(
        en="Edit it, or write it anew with watari init --force.",
        ja="編集するか、watari init --force で作り直してください。",
    )
