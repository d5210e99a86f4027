"""Whole messages from and to a blocking socket, for the beginning of a connection."""

from __future__ import annotations

import socket
import struct

_LONGEST_GREETING = 1 << 20


class Refused(Exception):
    """A connection does not come about; `answer` is what the tool is told, as a message of the protocol."""

    def __init__(self, answer: bytes = b"") -> None:
        self.answer = answer
        super().__init__("the connection is refused")


def exactly(sock: socket.socket, count: int) -> bytes:
    """So many bytes; raises `ConnectionError` where the other side leaves before."""
    found = bytearray()
    while len(found) < count:
        piece = sock.recv(count - len(found))
        if not piece:
            raise ConnectionError("the other side left")
        found += piece
    return bytes(found)


def read_message(sock: socket.socket) -> tuple[bytes, bytes]:
    """The kind and the body of the next message."""
    head = exactly(sock, 5)
    (length,) = struct.unpack("!I", head[1:])
    if not 4 <= length <= _LONGEST_GREETING:
        raise ConnectionError("a message of an impossible length")
    return head[:1], exactly(sock, length - 4)


def read_startup(sock: socket.socket) -> tuple[int, bytes]:
    """The number that stands for the version, and what follows it."""
    length, code = struct.unpack("!II", exactly(sock, 8))
    if not 8 <= length <= 10_000:  # the server's own limit
        raise ConnectionError("a startup packet of an impossible length")
    return code, exactly(sock, length - 8)
