"""The door's own side of a login: TLS where the tool asks for it, and a one-time password that it must know."""

from __future__ import annotations

import socket
import struct

from watari.project.secret import Secret
from watari.recorder.certificate import Certificate
from watari.recorder.messages import CANCEL_REQUEST, GSS_REQUEST, SSL_REQUEST, error, message
from watari.recorder.scram import ScramFailed, Server
from watari.recorder.sockets import Refused, exactly, read_message, read_startup
from watari.values import dataclass

_TIMEOUT = 60.0
_SASL, _SASL_GOES_ON, _SASL_ENDS = 10, 11, 12
_REFUSED = "28P01"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A tool that may come in, with what it asked for; `cancels`: it only wants a statement cancelled, by this key."""

    sock: socket.socket
    version: int = 0
    parameters: dict[bytes, bytes]
    cancels: bytes | None = None


def welcome(sock: socket.socket, *, password: Secret, certificate: Certificate | None) -> Arrival:
    """Greets a tool; raises `Refused` with what it is to be told, `OSError` where it left."""
    sock.settimeout(_TIMEOUT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    binding = None
    while True:
        code, rest = read_startup(sock)
        if code == SSL_REQUEST and certificate and binding is None:
            sock.sendall(b"S")
            sock = certificate.context.wrap_socket(sock, server_side=True)
            binding = certificate.binding
        elif code in (SSL_REQUEST, GSS_REQUEST):
            sock.sendall(b"N")
        elif code == CANCEL_REQUEST:
            return Arrival(sock=sock, parameters={}, cancels=rest)
        else:
            break
    parts = rest.rstrip(b"\0").split(b"\0")
    parameters = dict(zip(parts[::2], parts[1::2], strict=False))
    try:
        _let_in(sock, Server(password.reveal(), binding=binding))
    except ScramFailed as failed:
        raise Refused(
            error(_REFUSED, f"watari's recorder lets nobody in without its one-time password: {failed}")
        ) from None
    return Arrival(sock=sock, version=code, parameters=parameters)


def _let_in(sock: socket.socket, server: Server) -> None:
    offered = b"".join(name.encode() + b"\0" for name in server.mechanisms) + b"\0"
    sock.sendall(message(b"R", struct.pack("!I", _SASL) + offered))
    body = _answer(sock)
    name, _, rest = body.partition(b"\0")
    if len(rest) < 4:
        raise ScramFailed("the client's SCRAM message is malformed")
    first = server.first(name.decode(errors="replace"), rest[4:])
    sock.sendall(message(b"R", struct.pack("!I", _SASL_GOES_ON) + first))
    sock.sendall(message(b"R", struct.pack("!I", _SASL_ENDS) + server.final(_answer(sock))))


def _answer(sock: socket.socket) -> bytes:
    kind, body = read_message(sock)
    if kind != b"p":
        raise ConnectionError("the tool left the login half-way")
    return body


__all__ = ["Arrival", "Refused", "exactly", "welcome"]
