"""One file a way to get a clone, each with one `Way`; the folder is the registry, ordered by what a way costs."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from importlib import import_module

import psycopg

from watari.errors import WatariError
from watari.errors.running import NoClone
from watari.evidence.event import Event, EventKind, EventSink, said
from watari.late import modules
from watari.locale import Message, Text
from watari.rehearsal.clone import Clone, Way, WayClosed
from watari.rehearsal.scratch import left_folders
from watari.rehearsal.source import Source

_CLOSED = Text(en='no clone by way "{way}": {reason}', ja='クローン方式 "{way}" は使えません: {reason}')
_CHOSEN = Text(
    en='cloning by way "{way}", the cheapest that is open: about {seconds} s and {megabytes} MB',
    ja='使用できる最も軽い方式 "{way}" でクローンを作成します（約 {seconds} 秒、{megabytes} MB）',
)
_UNKNOWN = Text(en="there is no such way ({known})", ja="そのような方式はありません ({known})")


def ways() -> tuple[Way, ...]:
    """Every way, the cheapest first."""
    found = [import_module(name) for name in modules(__path__, f"{__name__}.")]
    classes = {thing for module in found for thing in vars(module).values() if isinstance(thing, type)}
    known = [thing() for thing in classes if issubclass(thing, Way) and thing is not Way]
    return tuple(sorted(known, key=lambda way: way.order))


def make_clone(source: Source, *, way: str | None = None, events: EventSink) -> Clone:
    """A clone by the first way that is open, or by the one named; raises `NoClone` with the reason of each."""
    reasons: list[Message] = []
    known = ways()
    chosen = [each for each in known if way == each.name or (way is None and not each.asked and each.known(source))]
    _clean(known, source)
    for each in chosen:
        try:
            reason = each.hindrance(source)
            if reason is None:
                events(Event(kind=EventKind.NOTICE, data=said(_chosen(each, source)), database=source.url.database))
                return each.make(source)
        except WayClosed as closed:
            reason = closed.reason
        reasons.append(_CLOSED(way=each.name, reason=reason))
        events(Event(kind=EventKind.NOTICE, data=said(reasons[-1]), database=source.url.database))
    if not chosen:
        reasons.append(_CLOSED(way=way, reason=_UNKNOWN(known=", ".join(each.name for each in known))))
    places = "; ".join(f"{{r{place}}}" for place in range(len(reasons)))
    all_reasons = Text(en=places, ja=places)(**{f"r{place}": reason for place, reason in enumerate(reasons)})
    raise NoClone(database=source.url.database, reasons=all_reasons)


def _clean(known: Sequence[Way], source: Source) -> None:
    """What killed rehearsals left, by whichever way they made it."""
    with left_folders() as left:
        for way in known:
            # what is out of reach now is removed another time
            with contextlib.suppress(WatariError, psycopg.Error):
                way.clean(source, left)


def _chosen(way: Way, source: Source) -> Message:
    estimate = way.estimate(source)
    return _CHOSEN(way=way.name, seconds=f"{max(estimate.seconds, 0.1):.1f}", megabytes=estimate.bytes >> 20)
