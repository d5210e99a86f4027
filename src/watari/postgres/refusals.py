"""Which condition a failed connection is: libpq's and the server's words in, one `ReachError` out.

libpq keeps the SQLSTATE of a refused connection to itself, so the words are all there is. The server speaks its own
`lc_messages`, hence the Japanese beside the English (source: PostgreSQL's message catalogues, src/backend/po and
src/interfaces/libpq/po, 14 to 18; PgBouncer 1.18 to 1.25, src/client.c).
"""

from __future__ import annotations

import re

import psycopg

from watari.errors.reach import (
    ClientNotAllowed,
    ConnectionFailed,
    DatabaseClosed,
    DatabaseMissing,
    PasswordMissing,
    PoolerInTheWay,
    PrivilegeMissing,
    ReachError,
    RoleMissing,
    ServerNotReady,
    ServerUnreachable,
    StandbyServer,
    TlsRefused,
    TooManyConnections,
    WrongPassword,
)
from watari.late import pattern
from watari.locale import Message, Text
from watari.postgres.poolers import direct_address
from watari.project.url import DatabaseUrl

#: Words by condition, the first that is found decides. Lower case.
_WORDS: tuple[tuple[type[ReachError], tuple[str, ...]], ...] = (
    (PoolerInTheWay, ("unsupported startup parameter",)),
    (PasswordMissing, ("no password supplied",)),
    (WrongPassword, ("password authentication failed", "パスワード認証に失敗しました")),
    (TooManyConnections, ("too many clients", "too many connections", "connection slots are reserved")),
    (TooManyConnections, ("no more connections allowed", "クライアント数が多すぎます", "接続が多すぎます")),
    (TooManyConnections, ("接続スロットは", "接続枠は")),
    (ServerNotReady, ("starting up", "shutting down", "in recovery mode", "not yet accepting connections")),
    (ServerNotReady, ("起動処理中", "シャットダウンしています", "リカバリモード")),
    (StandbyServer, ("session is read-only", "server is in hot standby mode")),
    (DatabaseClosed, ("is not currently accepting connections", "は接続を受け付けません")),
    (PrivilegeMissing, ("permission denied for database", "is not permitted to log in")),
    (PrivilegeMissing, ("へのアクセスが拒否されました", "はログインが許可されません")),
    (
        TlsRefused,
        ("does not support ssl", "sslをサポートしていません", "certificate", "証明書", "ssl error", "sslエラー"),
    ),
    (TlsRefused, ("unsupported protocol", "ssl negotiation", "channel binding required", "ssl syscall error")),
    (ClientNotAllowed, ("pg_hba.conf",)),
    (
        ServerUnreachable,
        ("connection refused", "timeout expired", "failed to resolve host", "could not translate host"),
    ),
    (ServerUnreachable, ("no route to host", "network is unreachable", "no such file or directory", "timed out")),
    (ServerUnreachable, ("server closed the connection unexpectedly", "connection reset by peer")),
)

_MISSING = pattern(
    r'(?P<kind>database|role) "[^"]*" does not exist|(?P<ja>データベース|ロール) ?"[^"]*"は存在しません'
    r"|(?P<pool>no such database|no such user)",
    re.IGNORECASE,
)

_ATTEMPT = pattern(r'^connection to server (?:at|on socket) "[^"]*"(?: \([^)]*\))?(?:, port \d+)? failed: ')

NO_ENCRYPTION = Text(
    en="the server takes encrypted connections only; set sslmode=require",
    ja="サーバーは暗号化された接続のみ受け付けます。sslmode=require を指定してください",
)
NO_TLS = Text(
    en="the server offers no TLS although sslmode={mode} asks for it",
    ja="sslmode={mode} が指定されていますが、サーバーは TLS に対応していません",
)
NOT_TRUSTED = Text(en="the server's certificate is not trusted ({words})", ja="サーバー証明書を信頼できません({words})")
REFUSES_OPTIONS = Text(
    en="it refuses settings at the start of a session",
    ja="セッション開始時の設定を受け付けません",
)


def refusal(failure: psycopg.Error, url: DatabaseUrl) -> ReachError:
    """The condition behind a failed `psycopg.connect`; its reason holds the server's words without any secret."""
    said = _words(failure, url)
    kind = _kind(said)
    place = {"host": url.host, "port": url.port, "user": url.user or "", "database": url.database}
    if kind is ClientNotAllowed and _unencrypted(said, url):
        return TlsRefused(**place, reason=NO_ENCRYPTION())
    if kind is TlsRefused:
        return TlsRefused(**place, reason=_tls_reason(said, url))
    if kind is PoolerInTheWay:
        return PoolerInTheWay(**place, reason=REFUSES_OPTIONS(), direct=direct_address(url.host, url.port))
    return kind(**place, reason=said)


def _kind(said: str) -> type[ReachError]:
    lower = said.lower()
    if missing := _MISSING.search(said):
        what = (missing["kind"] or missing["ja"] or missing["pool"]).lower()
        return DatabaseMissing if "database" in what or what == "データベース" else RoleMissing
    return next((kind for kind, words in _WORDS if any(word in lower for word in words)), ConnectionFailed)


def _words(failure: psycopg.Error, url: DatabaseUrl) -> str:
    """The first line that says why, without libpq's preamble and without the password, should it stand there."""
    lines = str(failure).splitlines() or [type(failure).__name__]
    said = re.sub(r"^(connection failed|connection is bad): ", "", lines[0])
    said = re.sub(r"^(FATAL|ERROR|致命的エラー|エラー): +", "", _ATTEMPT.sub("", said)).strip()
    secret = url.password.reveal() if url.password else ""
    return said.replace(secret, "****") if secret else said


def _unencrypted(said: str, url: DatabaseUrl) -> bool:
    plain = url.parameters.get("sslmode") in ("disable", "allow")
    return plain and any(words in said for words in ("no encryption", "SSL off", "暗号化なし"))


def _tls_reason(said: str, url: DatabaseUrl) -> Message | str:
    if "does not support SSL" in said or "SSLをサポートしていません" in said:
        return NO_TLS(mode=url.parameters.get("sslmode", "require"))
    if "certificate" in said or "証明書" in said:
        return NOT_TRUSTED(words=said)
    return said
