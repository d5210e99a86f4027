"""What the application says of itself while a run goes on."""

from __future__ import annotations

from watari.locale import Message, Text

_NO_ANSWER = Text(en="{url}: {reason}", ja="{url}: {reason}")
_BAD_STATUS = Text(en="{url} answers with status {status}", ja="{url} のステータスが {status} です")
_SERVER_ERROR = 500


def complaint_of(url: str, limit: float) -> Message | None:
    """What is wrong with the application's answer over HTTP within so many seconds; None: nothing."""
    from watari.monitoring.probe import probe

    answer = probe(url, timeout=limit)
    if answer.error:
        return _NO_ANSWER(url=answer.url, reason=answer.error)
    if answer.status is not None and answer.status >= _SERVER_ERROR:
        return _BAD_STATUS(url=answer.url, status=answer.status)
    return None
