"""Out of reach or not allowed: a server, a client tool or a privilege. Nothing was changed."""

from __future__ import annotations

from watari.errors.base import ExitStatus, WatariError
from watari.locale import Text


class ReachError(WatariError):
    """Something outside watari does not answer or refuses."""

    status = ExitStatus.REACH


class ServerUnreachable(ReachError):
    """No server answered at the address."""

    text = Text(
        en='server "{host}:{port}" is unreachable: {reason}',
        ja='サーバー "{host}:{port}" に接続できません: {reason}',
    )
    hint = Text(
        en="Check that the server runs, that the address is right, and that the network lets this machine through.",
        ja="サーバーの起動状態、接続先、ネットワークの許可設定を確認してください。",
    )


class Unexpected(ReachError):
    """A condition that nobody foresaw: a defect of watari, or a world that it does not know."""

    text = Text(en="unexpected {kind}: {reason}", ja="想定外のエラー {kind}: {reason}")
    hint = Text(
        en="Run the command again with -v and report what it prints.",
        ja="-v を付けて再実行し、表示された内容を添えて報告してください。",
    )


class ServerNotReady(ReachError):
    """The server answers and takes nobody in: it starts, stops or recovers."""

    text = Text(
        en='server "{host}:{port}" is not ready: {reason}',
        ja='サーバー "{host}:{port}" は接続を受け付けられる状態ではありません: {reason}',
    )
    hint = Text(
        en="Wait until the server has finished starting or recovering, and try again.",
        ja="サーバーの起動またはリカバリの完了を待ってから再実行してください。",
    )


class ConnectionFailed(ReachError):
    """The server refused a connection for a reason that has no class of its own."""

    text = Text(
        en='connection to "{host}:{port}" failed: {reason}',
        ja='"{host}:{port}" への接続に失敗しました: {reason}',
    )
    hint = Text(
        en="Check the database address and its parameters; the server's own log says more.",
        ja="接続先とそのパラメータを確認してください。詳細はサーバー側のログに記録されています。",
    )


class WrongPassword(ReachError):
    """The server knows the login and does not accept the password."""

    text = Text(
        en='password of user "{user}" is wrong on "{host}:{port}"',
        ja='"{host}:{port}" でユーザー "{user}" のパスワード認証に失敗しました',
    )
    hint = Text(
        en="Correct the password in the database address; one with @, :, / or % must be percent-encoded there.",
        ja="接続先 URL のパスワードを修正してください。@ : / % を含む場合はパーセントエンコードが必要です。",
    )


class PasswordMissing(ReachError):
    """The server asks for a password and none was given."""

    text = Text(
        en='server "{host}:{port}" asks user "{user}" for a password and none was given',
        ja='サーバー "{host}:{port}" はユーザー "{user}" のパスワードを要求していますが、指定されていません',
    )
    hint = Text(
        en="Put the password into the database address, PGPASSWORD or ~/.pgpass.",
        ja="接続先 URL、PGPASSWORD、~/.pgpass のいずれかでパスワードを指定してください。",
    )


class RoleMissing(ReachError):
    """The server does not know the user."""

    text = Text(
        en='user "{user}" does not exist on "{host}:{port}"',
        ja='"{host}:{port}" にユーザー "{user}" は存在しません',
    )
    hint = Text(
        en="Check the user in the database address, or create the role on the server.",
        ja="接続先 URL のユーザー名を確認するか、サーバーにロールを作成してください。",
    )


class ClientNotAllowed(ReachError):
    """The server's host-based authentication has no line for this client."""

    text = Text(
        en='server "{host}:{port}" does not let user "{user}" into database "{database}" from this machine',
        ja='サーバー "{host}:{port}" はこの端末からユーザー "{user}" がデータベース "{database}" に接続することを許可していません',
    )
    hint = Text(
        en="Add a line for this client to pg_hba.conf (or the provider's list of allowed addresses).",
        ja="pg_hba.conf(またはクラウド側の許可アドレス一覧)にこのクライアントを追加してください。",
    )


class DatabaseMissing(ReachError):
    """The server has no database of that name."""

    text = Text(
        en='database "{database}" does not exist on "{host}:{port}"',
        ja='"{host}:{port}" にデータベース "{database}" は存在しません',
    )
    hint = Text(
        en="Check the name in the database address, or create the database.",
        ja="接続先 URL のデータベース名を確認するか、データベースを作成してください。",
    )


class DatabaseClosed(ReachError):
    """The database exists and lets nobody in (ALLOW_CONNECTIONS false)."""

    text = Text(
        en='database "{database}" on "{host}:{port}" accepts no connections',
        ja='"{host}:{port}" のデータベース "{database}" は接続を受け付けない設定です',
    )
    hint = Text(
        en="It may be fenced while a restored copy is swapped in; otherwise: ALTER DATABASE ... ALLOW_CONNECTIONS true.",
        ja="復元した複製との入れ替え中の可能性があります。そうでない場合は ALTER DATABASE ... ALLOW_CONNECTIONS true を実行してください。",
    )


class TlsRefused(ReachError):
    """Encryption was asked for and cannot be had, or the other way round; or the certificate is not trusted."""

    text = Text(
        en='no acceptable TLS connection to "{host}:{port}": {reason}',
        ja='"{host}:{port}" と TLS で接続できません: {reason}',
    )
    hint = Text(
        en="Check sslmode, sslrootcert and the host name in the database address against what the server offers.",
        ja="接続先 URL の sslmode、sslrootcert、ホスト名がサーバーの設定と合っているか確認してください。",
    )


class TooManyConnections(ReachError):
    """The server, the database or the role has no connection left."""

    text = Text(
        en='server "{host}:{port}" has no connection left: {reason}',
        ja='サーバー "{host}:{port}" の接続数が上限に達しています: {reason}',
    )
    hint = Text(
        en="Close idle sessions (pg_stat_activity shows them), or raise max_connections or the role's limit.",
        ja="pg_stat_activity で不要なセッションを確認して終了するか、max_connections やロールの接続上限を見直してください。",
    )


class PrivilegeMissing(ReachError):
    """The user may not do what the command needs."""

    text = Text(
        en='user "{user}" lacks a privilege in database "{database}": {reason}',
        ja='ユーザー "{user}" にデータベース "{database}" での権限がありません: {reason}',
    )
    hint = Text(
        en="Grant it, or use a login that owns the objects.",
        ja="権限を付与するか、オブジェクトの所有者であるユーザーで接続してください。",
    )


class ServerTooOld(ReachError):
    """The server is older than what watari works with."""

    text = Text(
        en='server "{host}:{port}" is PostgreSQL {version}, older than {needed}',
        ja='サーバー "{host}:{port}" は PostgreSQL {version} で、対応している {needed} より古いバージョンです',
    )
    hint = Text(
        en="Upgrade the server to PostgreSQL {needed} or later.",
        ja="サーバーを PostgreSQL {needed} 以降へアップグレードしてください。",
    )


class StandbyServer(ReachError):
    """The server replays another one and takes no writes."""

    text = Text(
        en='server "{host}:{port}" is a read-only standby',
        ja='サーバー "{host}:{port}" は読み取り専用のスタンバイです',
    )
    hint = Text(
        en="Give the address of the primary.",
        ja="プライマリの接続先を指定してください。",
    )


class ReadOnlySession(ReachError):
    """The server is a primary, but sessions of this user in this database begin read-only."""

    text = Text(
        en='sessions of user "{user}" in database "{database}" are read-only (default_transaction_read_only)',
        ja='データベース "{database}" でのユーザー "{user}" のセッションは読み取り専用です(default_transaction_read_only)',
    )
    hint = Text(
        en="Use another login, or reset default_transaction_read_only for the role or the database.",
        ja="別のユーザーで接続するか、ロールまたはデータベースの default_transaction_read_only を解除してください。",
    )


class PoolerInTheWay(ReachError):
    """A transaction pooler stands between watari and the server."""

    text = Text(
        en='"{host}:{port}" is a connection pooler: {reason}',
        ja='"{host}:{port}" はコネクションプーラーです: {reason}',
    )
    hint = Text(
        en="Locks and settings of a session do not survive there; {direct}.",
        ja="トランザクション単位のプーラーではセッションのロックや設定が保たれません。{direct}。",
    )


class RelationBusy(ReachError):
    """The catalog could not be read because somebody holds an exclusive lock."""

    text = Text(
        en='objects of database "{database}" are locked by another session: {reason}',
        ja='データベース "{database}" のオブジェクトが他のセッションにロックされています: {reason}',
    )
    hint = Text(
        en="Wait until that session is done (pg_stat_activity shows it), and try again.",
        ja="pg_stat_activity で該当セッションを確認し、完了を待ってから再実行してください。",
    )


class ConnectionLost(ReachError):
    """The server went away in the middle."""

    text = Text(
        en='connection to "{host}:{port}" was lost: {reason}',
        ja='"{host}:{port}" との接続が切れました: {reason}',
    )
    hint = Text(
        en="Check the server and the network; the same command can be started again.",
        ja="サーバーとネットワークを確認してください。同じコマンドを再実行できます。",
    )


class DiskFull(ReachError):
    """The disk that a backup is written to has no room, or ran full."""

    text = Text(en='no room left in "{folder}": {reason}', ja='"{folder}" の空き容量が足りません: {reason}')
    hint = Text(
        en="Free some space (watari backup prune), or set backup_dir to a larger disk.",
        ja="空き容量を確保する（watari backup prune）か、backup_dir をより大きなディスクに設定してください。",
    )


class ServerDiskFull(ReachError):
    """The server ran out of disk while a copy was being restored beside; the copy is gone again."""

    text = Text(
        en='server "{host}:{port}" has no disk space left for "{database}": {reason}',
        ja='サーバー "{host}:{port}" のディスクに "{database}" を復元する空き容量がありません: {reason}',
    )
    hint = Text(
        en="A restore beside needs room for a second copy; free it, or verify on another server.",
        ja="別名での復元には複製 1 つ分の空き容量が必要です。容量を確保するか、別のサーバーで検証してください。",
    )


class OutputLost(ReachError):
    """What a command had to say could not be written to standard output."""

    text = Text(en="the output cannot be written: {reason}", ja="結果を標準出力に書き込めません: {reason}")
    hint = Text(
        en="What the command did is done; watari status and watari runs show it.",
        ja="コマンドの処理自体は終わっています。watari status と watari runs で確認できます。",
    )


class FileRefused(ReachError):
    """The system refused a file or a folder that a command needs."""

    text = Text(en='"{file}" cannot be used: {reason}', ja='"{file}" を使用できません: {reason}')
    hint = Text(
        en="Check the path, its permissions and the room on its disk.",
        ja="パス、権限、ディスクの空き容量を確認してください。",
    )


class ServerRefused(ReachError):
    """The server refused a question of watari's own for a reason that has no class of its own."""

    text = Text(
        en="the server refused: {reason} (SQLSTATE {state})",
        ja="サーバーが処理を拒否しました: {reason}（SQLSTATE {state}）",
    )
    hint = Text(
        en="Correct what it names and start the same command again; -v shows where it happened.",
        ja="原因を取り除いて同じコマンドを再実行してください。-v を付けると発生箇所を表示します。",
    )
