"""The names that a SeaORM binary was built with, asked of itself without any database.

Its `status` is the only command that names them, and wants a server to write a table into. So it is given one that holds
nothing: a door on loopback that answers the few messages of PostgreSQL's protocol (3.0) that sqlx sends here, with an empty
history. What it was built with comes out as pending.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
import threading
from collections.abc import Sequence
from io import BufferedRWPair

from watari.late import pattern

__all__ = ["names_in_binary"]

_LINE = pattern(r"^Migration '(.+)'\.\.\. \w+\s*$", re.M)
_SSL_REQUEST = 80877103
_SECONDS = 600.0  # cargo may have to build it first
_READY = b"I"
#: The columns of the history: name, type, length.
_COLUMNS = ((b"version", 1043, -1), (b"applied_at", 20, 8))
_SETTINGS = (
    (b"server_version", b"15.0"),
    (b"server_encoding", b"UTF8"),
    (b"client_encoding", b"UTF8"),
    (b"standard_conforming_strings", b"on"),
    (b"integer_datetimes", b"on"),
    (b"TimeZone", b"UTC"),
)


def names_in_binary(tool: Sequence[str]) -> tuple[str, ...] | None:
    """The migrations of the binary that `tool` starts, in its own order; None where it does not say."""
    import subprocess

    with _EmptyServer() as server:
        environment = {**os.environ, "DATABASE_URL": f"postgres://watari@127.0.0.1:{server.port}/empty?sslmode=disable"}
        try:
            done = subprocess.run(
                [*tool, "status"],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return tuple(_LINE.findall(done.stdout)) if done.returncode == 0 else None


class _EmptyServer:
    """The door; open while the block lasts."""

    def __enter__(self) -> _EmptyServer:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._let_in, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _let_in(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, client.makefile("rwb") as stream, contextlib.suppress(OSError, struct.error):
            while struct.unpack("!I", _body(stream.read(4), stream)[:4])[0] == _SSL_REQUEST:
                stream.write(b"N")
                stream.flush()
            stream.write(_welcome())
            stream.flush()
            sql = b""
            while (kind := stream.read(1)) not in (b"", b"X"):
                body = _body(stream.read(4), stream)
                if kind in (b"P", b"Q"):
                    sql = body.split(b"\0")[1 if kind == b"P" else 0]
                stream.write(_answer(kind, sql))
                stream.flush()


def _body(length: bytes, stream: BufferedRWPair) -> bytes:
    (size,) = struct.unpack("!I", length)
    return stream.read(size - 4)


def _welcome() -> bytes:
    settings = b"".join(_message(b"S", name + b"\0" + value + b"\0") for name, value in _SETTINGS)
    return _message(b"R", struct.pack("!I", 0)) + settings + _message(b"K", struct.pack("!II", 1, 1)) + _ready()


def _answer(kind: bytes, sql: bytes) -> bytes:
    """What the server says to one message about the statement `sql`."""
    asks = sql.lstrip().upper().startswith(b"SELECT")
    ended = _message(b"C", b"SELECT 0\0" if asks else b"OK\0")
    answers = {
        b"Q": (_rows() if asks else b"") + ended + _ready(),
        b"P": _message(b"1", b""),
        b"B": _message(b"2", b""),
        b"C": _message(b"3", b""),
        b"D": _message(b"t", struct.pack("!H", 0)) + (_rows() if asks else _message(b"n", b"")),
        b"E": ended,
        b"S": _ready(),
    }
    return answers.get(kind, b"")


def _rows() -> bytes:
    columns = (name + b"\0" + struct.pack("!IHIhih", 0, 0, type, length, -1, 0) for name, type, length in _COLUMNS)
    return _message(b"T", struct.pack("!H", len(_COLUMNS)) + b"".join(columns))


def _ready() -> bytes:
    return _message(b"Z", _READY)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body
