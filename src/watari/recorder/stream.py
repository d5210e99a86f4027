"""One direction of a connection: bytes in any pieces come in, whole messages are handed out, the rest is passed on."""

from __future__ import annotations

from collections.abc import Callable

from watari.recorder.messages import LONGEST

_HEAD = 1024  # so much of a long message has to be there before it is passed on in pieces


def _never(kind: int) -> bool:
    return False


def _nothing(kind: int, head: bytes) -> None:
    return None


class Stream:
    """`pieces` are kinds of messages that nobody has to read, unless `read(kind)` says so; they go to `send` as they come.

    `long` hears of a message that is longer than anything that is kept. What does not begin as a message can begin makes the
    stream `broken`: everything goes to `send` unread from then on.
    """

    def __init__(
        self,
        handle: Callable[[int, bytes], None],
        send: bytearray,
        *,
        pieces: bytes = b"",
        read: Callable[[int], bool] = _never,
        long: Callable[[int, bytes], None] = _nothing,
    ) -> None:
        self.broken = False
        self._handle, self._send, self._pieces, self._read, self._long = handle, send, pieces, read, long
        self._rest = bytearray()
        self._passing = 0  # bytes of a message that is passed on in pieces

    def feed(self, data: bytes | bytearray) -> None:
        """More bytes."""
        if self.broken:
            self._send += data
            return
        if self._passing:
            data = self._pass(data)
        if self._rest:
            self._rest += data
            data = self._rest
        self._rest = bytearray(data[self._through(data) :])

    def _pass(self, data: bytes | bytearray) -> bytes | bytearray:
        passed = data[: self._passing]
        self._send += passed
        self._passing -= len(passed)
        return data[len(passed) :]

    def _through(self, data: bytes | bytearray) -> int:
        """Hands out what is whole; how far it came."""
        place = kept = 0  # data[kept:place] goes on as it is
        end = len(data)
        while end - place >= 5:
            kind, length = data[place], int.from_bytes(data[place + 1 : place + 5], "big") + 1
            if length < 5:
                self._send += data[kept:]
                self.broken = True
                return end
            unread = kind in self._pieces and not self._read(kind)
            if end - place < length:
                return self._not_whole(data, kept, place, length, unread=unread)
            if not unread:
                self._send += data[kept:place]
                self._handle(kind, bytes(data[place : place + length]))
                kept = place + length
            place += length
        self._send += data[kept:place]
        return place

    def _not_whole(self, data: bytes | bytearray, kept: int, place: int, length: int, *, unread: bool) -> int:
        self._send += data[kept:place]
        if not unread and (length <= LONGEST or len(data) - place < _HEAD):
            return place
        if not unread:
            self._long(data[place], bytes(data[place : place + _HEAD * 64]))
        self._send += data[place:]
        self._passing = length - (len(data) - place)
        return len(data)
