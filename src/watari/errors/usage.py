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


class FileUnwritable(UsageError):
    """A file that the caller named cannot be written."""

    text = Text(en='cannot write "{file}": {reason}', ja='"{file}" に書き込めません: {reason}')
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


class UnknownFramework(UsageError):
    """A framework was named that watari has no adapter for."""

    text = Text(
        en='no framework is called "{name}"',
        ja='"{name}" というフレームワークはありません',
    )
    hint = Text(en="Known are: {known}.", ja="指定できる名前: {known}。")


class FrameworkFolder(UsageError):
    """The folder of migrations is not what its framework needs."""

    text = Text(
        en='"{folder}" is no folder of {framework} migrations: {reason}',
        ja='"{folder}" は {framework} のマイグレーションフォルダーではありません: {reason}',
    )
    hint = Text(
        en="Name the right one with --dir FOLDER, or as dir in watari.toml.",
        ja="--dir フォルダー、または watari.toml の dir で正しいフォルダーを指定してください。",
    )


class HistoryShape(UsageError):
    """A table that has the history's name is not the framework's history."""

    text = Text(
        en='table "{table}" is not the history of {framework}: {reason}',
        ja='テーブル "{table}" は {framework} の履歴テーブルではありません: {reason}',
    )
    hint = Text(
        en="Rename that table if it belongs to something else, or name the real history as history_table in watari.toml.",
        ja="別の用途のテーブルであれば名前を変更するか、正しい履歴テーブルを watari.toml の history_table に指定してください。",
    )


class HistoryElsewhere(UsageError):
    """Another tool has applied some of these SQL files to the database, and watari has no history of its own there yet."""

    text = Text(
        en='"{table}" says that {tool} applied {count} of these files, and watari has no history of its own here yet',
        ja='"{table}" によると、これらのファイルのうち {count} 件は {tool} で適用済みですが、watari の履歴はまだありません',
    )
    hint = Text(
        en="Keep to {tool}, or let watari take its history over by running this once: {sql}",
        ja="引き続き {tool} を使用するか、次の SQL を 1 度実行して履歴を watari に引き継いでください: {sql}",
    )


class FrameworkMissing(UsageError):
    """No interpreter was found in which the team's framework can be imported."""

    text = Text(
        en="{framework} cannot be imported by any interpreter of this project (tried: {tried})",
        ja="{framework} を読み込める Python がありません（確認した Python: {tried}）",
    )
    hint = Text(
        en="Activate the team's virtual environment, or name its interpreter as python in watari.toml.",
        ja="チームの仮想環境を有効にするか、その Python を watari.toml の python に指定してください。",
    )


class FrameworkFailed(UsageError):
    """The team's own framework, run to read the project, ended with an error."""

    text = Text(
        en='{framework} could not read "{folder}" with {python}: {reason}',
        ja='{framework} が "{folder}" を読み取れませんでした（{python}）: {reason}',
    )
    hint = Text(
        en="Correct what it names and try again; {command} shows the same.",
        ja="指摘された箇所を修正して再実行してください。{command} でも同じエラーを確認できます。",
    )


class PlanDamaged(UsageError):
    """A plan's file is no plan, or was changed after it was made."""

    text = Text(en="the plan cannot be used: {reason}", ja="この計画は使用できません: {reason}")
    hint = Text(
        en="Make it anew with watari plan -o FILE; what was approved is what runs, so a plan is never edited.",
        ja="watari plan -o FILE で作り直してください。承認された内容だけを実行するため、計画ファイルは編集できません。",
    )


class PlanVersion(UsageError):
    """A plan was written in a format that this watari does not know."""

    text = Text(
        en='the plan is of format "{version}", this watari reads format "{known}"',
        ja='計画の形式は "{version}" ですが、この watari が読めるのは形式 "{known}" です',
    )
    hint = Text(
        en="Make the plan anew with this watari: watari plan -o FILE.",
        ja="この watari で計画を作り直してください: watari plan -o FILE",
    )


class BackupUnknown(UsageError):
    """No backup, or more than one, answers to the name."""

    text = Text(
        en='no single backup "{backup}" in "{folder}": {found}',
        ja='"{folder}" でバックアップ "{backup}" を特定できません: {found}',
    )
    hint = Text(en="Take an id from watari backup list.", ja="watari backup list に表示される ID を指定してください。")


class BackupOfAnotherServer(UsageError):
    """A backup was made on another server than the one it is to be restored to."""

    text = Text(
        en='backup "{backup}" is of server {origin}, and "{host}:{port}" is server {target}',
        ja='バックアップ "{backup}" はサーバー {origin} のもので、"{host}:{port}" はサーバー {target} です',
    )
    hint = Text(
        en="Check the address; if it is meant, restore it beside without --swap, under a name of its own (--as NAME).",
        ja="接続先を確認してください。意図したものであれば、--swap を付けずに --as 名前 で別名に復元してください。",
    )


class RowsWithoutSchema(UsageError):
    """A backup of rows only has no tables to put them into."""

    text = Text(
        en='backup "{backup}" holds rows only, and no backup beside it holds the same schema',
        ja='バックアップ "{backup}" はデータのみで、同じスキーマを持つバックアップがありません',
    )
    hint = Text(
        en="Restore a full backup, or keep a schema backup of the same moment in the same folder.",
        ja="full のバックアップを復元するか、同じ時点の schema バックアップを同じフォルダーに置いてください。",
    )


class RestoreOverLive(UsageError):
    """A restore was asked to write into a database that exists."""

    text = Text(
        en='database "{database}" exists, and a restore never writes into an existing database',
        ja='データベース "{database}" は既に存在します。既存のデータベースへの上書き復元は行いません',
    )
    hint = Text(
        en="pg_restore --clean over a live database drops what it finds and mixes old rows with new ones; restore beside "
        "with --as NAME, or let the verified copy take its place with --swap.",
        ja="稼働中のデータベースへの pg_restore --clean は既存オブジェクトを削除し、新旧の行が混在します。--as 名前 で別名に復元するか、"
        "--swap で検証済みの複製と入れ替えてください。",
    )


class NotADump(UsageError):
    """A file that is to be restored is no dump of one database."""

    text = Text(en='"{file}" cannot be restored: {reason}', ja='"{file}" は復元できません: {reason}')
    hint = Text(
        en="Give a dump of one database as pg_dump writes it (plain .sql, custom, tar or directory).",
        ja="pg_dump で取得した 1 データベース分のダンプ（.sql、custom、tar、directory 形式）を指定してください。",
    )


class ManifestUnreadable(UsageError):
    """A folder looks like a backup and its manifest cannot be read."""

    text = Text(en='manifest "{file}" cannot be read: {reason}', ja='マニフェスト "{file}" を読み取れません: {reason}')
    hint = Text(
        en="Without its manifest a backup proves nothing; take another one.",
        ja="マニフェストのないバックアップは信頼できません。別のバックアップを使用してください。",
    )


class UnknownMigration(UsageError):
    """A migration was named that the project or its history does not have."""

    text = Text(en='there is no migration "{name}"', ja='マイグレーション "{name}" はありません')
    hint = Text(en="Close to it: {known}.", ja="近い名前: {known}")


class UnknownReportFormat(UsageError):
    """A report was asked for in a form that no writer has."""

    text = Text(en='unknown report format "{name}"', ja='報告書の形式 "{name}" は使用できません')
    hint = Text(
        en="Formats: {known}; the ending of the file chooses one.", ja="形式: {known}。ファイルの拡張子で選択します。"
    )


class NothingHappened(UsageError):
    """A report was asked for where no run is known."""

    text = Text(en='no run of "{database}" is known', ja='"{database}" の実行履歴はありません')
    hint = Text(
        en="watari runs lists what is known; watari apply makes a run.", ja="実行履歴は watari runs で確認できます。"
    )


class PlanFileDamaged(UsageError):
    """A file that the caller named as a plan is none, was changed after it was made, or is of another format."""

    text = Text(
        en='"{file}" is not a plan that can be run: {reason}', ja='"{file}" は計画として使用できません: {reason}'
    )
    hint = Text(
        en="Make it anew with watari plan -o FILE; what was approved is what runs, so a plan is never edited.",
        ja="watari plan -o FILE で作り直してください。承認された内容だけを実行するため、計画ファイルは編集できません。",
    )


class NoUnfinishedRun(UsageError):
    """A run is to be paused or steered that is not under way on this database."""

    text = Text(
        en='no unfinished run{run} on database "{database}"',
        ja='データベース "{database}" に未完了の実行{run}はありません',
    )
    hint = Text(en="Look at watari runs for what there is.", ja="watari runs で実行履歴を確認してください。")


class BadSpeed(UsageError):
    """A speed that is no share of the time."""

    text = Text(en="speed {speed} is not between 1 and 100", ja="速度 {speed} は 1〜100 の範囲で指定してください")
    hint = Text(
        en="It is the part of the time in which a backfill works, in percent.",
        ja="バックフィルが動作する時間の割合（%）です。",
    )
