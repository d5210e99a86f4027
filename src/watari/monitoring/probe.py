"""Asks the application over HTTP whether it still answers, and how fast."""

from __future__ import annotations

import base64
import http.client
import ssl
import time
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from watari.evidence.observation import ProbeAnswer
from watari.locale import Message, Text

NO_ANSWER = Text(en="no answer within {seconds} s", ja="{seconds} 秒以内に応答がありません")
NOT_TRUSTED = Text(en="certificate not trusted: {words}", ja="証明書を信頼できません: {words}")
REFUSED = Text(en="connection refused", ja="接続を拒否されました")
CIRCLE = Text(en="more than {count} redirects", ja="リダイレクトが {count} 回を超えました")
NOT_HTTP = Text(en="the address is not one of http or https", ja="http または https のアドレスではありません")
SAID = Text(en="{words}", ja="{words}")

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 5
_MOST_BYTES = 16 * 1024 * 1024
_PIECE = 65_536


class _NotHttp(ValueError):
    """An address of another kind."""


def probe(url: str, *, timeout: float = 5.0) -> ProbeAnswer:
    """One GET of `url`, redirects followed, certificates checked; never raises.

    `timeout` is seconds for everything together. `seconds` of the answer runs until the last byte (of the first 16 MiB);
    where there was no answer, `error` says why. A login in the address is sent as basic authentication and not shown.
    """
    began = time.monotonic()
    at, size = url, 0
    status: int | None = None
    error: Message | None = None
    try:
        for _ in range(_MOST_REDIRECTS + 1):
            status, size, onward = _get(at, began + timeout)
            if onward is None:
                break
            at = urljoin(at, onward)
        else:
            error = CIRCLE(count=_MOST_REDIRECTS)
    except (OSError, ValueError, http.client.HTTPException) as failure:
        status, error = None, _reason(failure, timeout)
    shown = _without_login(url)
    return ProbeAnswer(
        url=shown,
        status=status,
        seconds=time.monotonic() - began,
        bytes=size,
        redirected_to=landed if (landed := _without_login(at)) != shown else None,
        error=error,
    )


def _get(url: str, until: float) -> tuple[int, int, str | None]:
    """Status, bytes of the body, and where a redirect leads; raises `TimeoutError` after `until`."""
    parts = urlsplit(url)
    connection = _connection(parts, _left(until))
    try:
        path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.request("GET", path, headers=_headers(parts))
        response = connection.getresponse()
        if response.status in _REDIRECTS and (onward := response.headers.get("Location")):
            return response.status, 0, onward
        size = 0
        while size < _MOST_BYTES and (piece := response.read1(_PIECE)):
            size += len(piece)
            connection.sock and connection.sock.settimeout(_left(until))
        return response.status, size, None
    finally:
        connection.close()


def _connection(parts: SplitResult, seconds: float) -> http.client.HTTPConnection:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _NotHttp
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=seconds, context=context)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)


def _headers(parts: SplitResult) -> dict[str, str]:
    headers = {"User-Agent": "watari", "Accept": "*/*", "Connection": "close"}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    return headers


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _reason(failure: Exception, timeout: float) -> Message:
    if isinstance(failure, TimeoutError):
        return NO_ANSWER(seconds=f"{timeout:g}")
    if isinstance(failure, ssl.SSLCertVerificationError):
        return NOT_TRUSTED(words=failure.verify_message)
    if isinstance(failure, ConnectionRefusedError):
        return REFUSED()
    if isinstance(failure, _NotHttp):
        return NOT_HTTP()
    return SAID(words=str(failure) or type(failure).__name__)


def _without_login(url: str) -> str:
    """The address for people: neither login nor the values of its parameters, which may be keys."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "?"
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, parts.path, "…" if parts.query else "", ""))
