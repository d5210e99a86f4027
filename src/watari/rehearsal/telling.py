"""What people hear of a clone when it is there."""

from __future__ import annotations

from watari.evidence.event import Event, EventKind, EventSink, said
from watari.locale import Text
from watari.project.url import DatabaseUrl
from watari.rehearsal.clone import Clone

_MADE = Text(
    en="clone by way {way} in {seconds} s, {megabytes} MB", ja="クローン作成 ({way}): {seconds} 秒、{megabytes} MB"
)


def tell_clone(copy: Clone, url: DatabaseUrl, events: EventSink) -> None:
    """Which way it was made, how long that took, how large it is, and what is to be known about it."""
    made = _MADE(way=copy.way, seconds=f"{copy.seconds:.1f}", megabytes=copy.bytes >> 20)
    for message in (made, *copy.notes):
        events(Event(kind=EventKind.NOTICE, data=said(message), database=url.database))
