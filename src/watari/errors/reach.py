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
