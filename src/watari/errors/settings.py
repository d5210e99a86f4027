"""Wrong use: settings and addresses of databases that cannot be followed. Nothing was changed."""

from __future__ import annotations

from watari.errors.usage import UsageError
from watari.locale import Text


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


class BadSettingsFile(UsageError):
    """`watari.toml` cannot be read or is no TOML."""

    text = Text(en='settings in "{place}" cannot be read: {reason}', ja='"{place}" の設定を読み取れません: {reason}')
    hint = Text(
        en="Correct the file, or name another one with --config FILE; watari init writes a commented one.",
        ja="ファイルを修正するか、--config ファイル で別のファイルを指定してください。雛形は watari init で作成できます。",
    )


class UnknownSetting(UsageError):
    """`watari.toml` holds a key that watari does not know."""

    text = Text(en='{place}: unknown setting "{key}"', ja='{place}: 不明な設定項目 "{key}" です')
    hint = Text(en="{nearest}Known here: {known}.", ja="{nearest}ここで使える項目: {known}。")


class SettingRemoved(UsageError):
    """`allow_rules`, which `rules` has taken the place of."""

    text = Text(en='{place}: setting "{key}" is not read any more', ja='{place}: 設定項目 "{key}" は廃止されました')
    hint = Text(
        en='Write what is done about each rule: rules = {{ "destroy-table" = "warn" }}; "warn" tells and does not block, '
        '"allow" only mentions.',
        ja='ルールごとに記述してください: rules = {{ "destroy-table" = "warn" }}。"warn" は警告のみで止めず、"allow" は情報表示だけになります。',
    )


class BadSetting(UsageError):
    """A setting has a value that cannot be followed."""

    text = Text(
        en='{place}: setting "{key}" is {value}, expected {expected}',
        ja='{place}: 設定項目 "{key}" の値 {value} が正しくありません（指定できる値: {expected}）',
    )
    hint = Text(en="Correct the value in the file; nothing was changed.", ja="設定ファイルの値を修正してください。")


class SettingFails(UsageError):
    """A query of the policy is refused by the server."""

    text = Text(
        en='the query in setting "{setting}" fails: {reason}',
        ja='設定項目 "{setting}" のクエリが失敗しました: {reason}',
    )
    hint = Text(
        en="Correct the query in watari.toml; nothing was changed.",
        ja="watari.toml のクエリを修正してください。データベースには何も変更していません。",
    )


class UnknownEnvironment(UsageError):
    """`--env` names an environment that `watari.toml` does not have."""

    text = Text(en='unknown environment "{environment}"', ja='環境 "{environment}" は定義されていません')
    hint = Text(
        en="Environments of this project: {known}. Another one is added to watari.toml as [environments.{environment}].",
        ja="このプロジェクトの環境: {known}。追加するには watari.toml に [environments.{environment}] を記述してください。",
    )


class EnvironmentAmbiguous(UsageError):
    """A project with several environments, none of them the default, and none was named."""

    text = Text(
        en="no environment was named, and the project has several: {known}",
        ja="環境が指定されていません。プロジェクトには複数の環境があります: {known}",
    )
    hint = Text(
        en="Name one with -e NAME, or call the one for every day [environments.default].",
        ja="-e 名前 で指定するか、通常使う環境を [environments.default] としてください。",
    )


class UnknownDatabase(UsageError):
    """`--database` names a database that `watari.toml` does not have."""

    text = Text(en='unknown database "{database}"', ja='データベース "{database}" は定義されていません')
    hint = Text(
        en="Databases of this project: {known}. Another one is added to watari.toml as [databases.{database}].",
        ja="このプロジェクトのデータベース: {known}。追加するには watari.toml に [databases.{database}] を記述してください。",
    )


class UnknownRule(UsageError):
    """A policy says what is done about a rule that there is not."""

    text = Text(en='the policy names an unknown rule "{rule}"', ja='ポリシーに存在しないルール "{rule}" があります')
    hint = Text(
        en="Near it: {near}. watari explain prints the names of all rules.",
        ja="近い名前: {near}。watari explain で全ルール名を確認できます。",
    )
