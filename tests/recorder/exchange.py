"""PostgreSQL's protocol by hand: what a tool sends, and the list of what it gets."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass, field
from typing import Self

from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.recorder.messages import message
from watari.recorder.sockets import read_message
from watari.recorder.upstream import Upstream

Got = tuple[str, bytes]


def query(text: str) -> bytes:
    return message(b"Q", text.encode() + b"\0")


def parse(text: str, name: str = "", types: tuple[int, ...] = ()) -> bytes:
    return message(
        b"P", name.encode() + b"\0" + text.encode() + b"\0" + struct.pack(f"!H{len(types)}I", len(types), *types)
    )


def bind(name: str = "", portal: str = "", values: tuple[bytes | None, ...] = (), *, binary: bool = False) -> bytes:
    body = portal.encode() + b"\0" + name.encode() + b"\0" + struct.pack("!HH", 1, int(binary))
    body += struct.pack("!H", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return message(b"B", body + struct.pack("!H", 0))


def execute(portal: str = "", rows: int = 0) -> bytes:
    return message(b"E", portal.encode() + b"\0" + struct.pack("!I", rows))


def describe(name: str = "", kind: str = "P") -> bytes:
    return message(b"D", kind.encode() + name.encode() + b"\0")


def close(name: str = "", kind: str = "P") -> bytes:
    return message(b"C", kind.encode() + name.encode() + b"\0")


SYNC, FLUSH, COPY_DONE = message(b"S"), message(b"H"), message(b"c")


def whole(text: str, rows: int = 0) -> bytes:
    """Parse, Bind, Describe and Execute of one statement."""
    return parse(text) + bind() + describe() + execute(rows=rows)


@dataclass(kw_only=True)
class Client:
    """A session by hand."""

    url: DatabaseUrl
    sock: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        way = Upstream(
            host=self.url.host,
            address="127.0.0.1",
            port=self.url.port,
            user=self.url.user or "",
            password=self.url.password or Secret(""),
        )
        self.sock, _ = way.log_in(196608, {b"database": self.url.database.encode(), b"client_encoding": b"UTF8"})
        self.sock.settimeout(10)
        self.until("Z")

    def until(self, *kinds: str, times: int = 1) -> list[Got]:
        """Everything up to the message of one of these kinds, comparable between two databases."""
        got: list[Got] = []
        while times:
            kind, body = read_message(self.sock)
            letter = kind.decode()
            times -= letter in kinds
            if letter != "S":
                got.append((letter, _comparable(letter, body)))
        return got

    def talk(self, *steps: bytes | str) -> list[Got]:
        """Sends bytes, and waits for what a text names: "Z", "ZZ" (two), "E"."""
        got: list[Got] = []
        for step in steps:
            if isinstance(step, bytes):
                self.sock.sendall(step)
            else:
                got += self.until(step[0], times=len(step))
        return got

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.sock.close()


def _comparable(letter: str, body: bytes) -> bytes:
    """Without the tables' oids, which differ between databases, the server process's number, and its source lines."""
    if letter in "EN":
        return b"\0".join(part for part in body.split(b"\0") if part[:1] not in (b"F", b"L", b"R"))
    if letter == "A":
        return body[4:]
    if letter != "T":
        return body
    (count,) = struct.unpack_from("!H", body)
    place, out = 2, body[:2]
    for _ in range(count):
        end = body.index(b"\0", place) + 1
        out += body[place:end] + body[end + 6 : end + 18]
        place = end + 18
    return out
