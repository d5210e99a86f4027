"""The way to the server: TLS as the address asks for it, and the recorder's own login."""

from __future__ import annotations

import hashlib
import socket
import ssl
import struct
from collections.abc import Mapping
from pathlib import Path

import psycopg

from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.recorder.messages import CANCEL_REQUEST, SSL_REQUEST, message
from watari.recorder.scram import PLUS, Client, ScramFailed
from watari.recorder.sockets import Refused, exactly, read_message
from watari.values import dataclass, field

_TIMEOUT = 15.0
_OK, _CLEAR, _MD5, _SASL, _SASL_GOES_ON, _SASL_ENDS = 0, 3, 5, 10, 11, 12


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """Where libpq itself found the server, and who logs in there.

    `tls` None: unencrypted. `settings` are server parameters that every session begins with.
    """

    host: str
    address: str  # IP, where libpq resolved one
    port: int
    user: str
    password: Secret
    tls: ssl.SSLContext | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def dial(self) -> tuple[socket.socket, bytes | None]:
        """A connection that has said nothing yet, and the hash to bind to; raises `OSError`."""
        if self.host.startswith("/"):
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            sock.settimeout(_TIMEOUT)
            sock.connect(f"{self.host}/.s.PGSQL.{self.port}")
        else:
            sock = socket.create_connection((self.address or self.host, self.port), timeout=_TIMEOUT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls is None:
            return sock, None
        sock.sendall(struct.pack("!II", 8, SSL_REQUEST))
        if exactly(sock, 1) != b"S":
            raise ConnectionError("the server has stopped offering TLS")
        wrapped = self.tls.wrap_socket(sock, server_hostname=self.host)
        certificate = wrapped.getpeercert(binary_form=True)
        return wrapped, _binding(certificate) if certificate else None

    def cancel(self, key: bytes) -> None:
        """Passes a request to cancel on; the server answers nothing."""
        sock, _ = self.dial()
        with sock:
            sock.sendall(struct.pack("!II", len(key) + 8, CANCEL_REQUEST) + key)
            sock.recv(1)  # it closes when it is done

    def log_in(self, version: int, parameters: Mapping[bytes, bytes]) -> tuple[socket.socket, bytes]:
        """An open session, and what the server said after the login. Raises `Refused` with the server's own words, `OSError`."""
        sock, binding = self.dial()
        try:
            given = {**parameters, b"user": self.user.encode()}
            options = [given.get(b"options", b"").decode(errors="replace")]
            options += [f"-c {name}={_escaped(value)}" for name, value in self.settings.items()]
            if any(options):
                given[b"options"] = " ".join(filter(None, options)).encode()
            body = b"".join(name + b"\0" + value + b"\0" for name, value in given.items()) + b"\0"
            sock.sendall(struct.pack("!II", len(body) + 8, version) + body)
            return sock, self._authenticate(sock, binding)
        except BaseException:
            sock.close()
            raise

    def _authenticate(self, sock: socket.socket, binding: bytes | None) -> bytes:
        before = b""
        while True:
            kind, body = read_message(sock)
            if kind == b"v":  # another version of the protocol: the tool's affair
                before += message(kind, body)
                continue
            if kind != b"R":
                raise Refused(message(kind, body))
            (asked,) = struct.unpack_from("!I", body)
            if asked == _OK:
                return before
            if asked == _CLEAR:
                sock.sendall(message(b"p", self.password.reveal().encode() + b"\0"))
            elif asked == _MD5:
                sock.sendall(message(b"p", self._md5(body[4:8]) + b"\0"))
            elif asked == _SASL:
                self._scram(sock, body[4:].rstrip(b"\0").decode().split("\0"), binding)
            else:
                raise ConnectionError(f"the server asks for a login of kind {asked}, which the recorder does not know")

    def _md5(self, salt: bytes) -> bytes:
        inner = hashlib.md5(self.password.reveal().encode() + self.user.encode(), usedforsecurity=False).hexdigest()
        return b"md5" + hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest().encode()

    def _scram(self, sock: socket.socket, mechanisms: list[str], binding: bytes | None) -> None:
        client = Client(self.password.reveal(), binding=binding if PLUS in mechanisms else None)
        first = client.first()
        sock.sendall(message(b"p", client.mechanism.encode() + b"\0" + struct.pack("!I", len(first)) + first))
        sock.sendall(message(b"p", client.final(_sasl(sock, _SASL_GOES_ON))))
        client.check(_sasl(sock, _SASL_ENDS))


def _sasl(sock: socket.socket, expected: int) -> bytes:
    kind, body = read_message(sock)
    if kind != b"R":
        raise Refused(message(kind, body))
    if struct.unpack_from("!I", body) != (expected,):
        raise ScramFailed("the server left the login half-way")
    return body[4:]


def _binding(certificate: bytes) -> bytes | None:
    """RFC 5929: the hash of the certificate's signature, SHA-256 where that is MD5 or SHA-1 or not to be told."""
    for name, number in (("sha384", b"\x03\x03"), ("sha512", b"\x03\x04")):
        suffix = number[1:]
        ecdsa = b"\x06\x08\x2a\x86\x48\xce\x3d\x04" + number
        rsa = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01" + {b"\x03": b"\x0c", b"\x04": b"\x0d"}[suffix]
        if ecdsa in certificate or rsa in certificate:
            return hashlib.new(name, certificate).digest()
    return hashlib.sha256(certificate).digest()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def upstream_of(connection: psycopg.Connection, url: DatabaseUrl, settings: Mapping[str, str]) -> Upstream:
    """The server that libpq found for `url`, with the password that it used, a passfile's included."""
    info = connection.info
    return Upstream(
        host=info.host,
        address=info.hostaddr,
        port=info.port,
        user=info.user,
        password=Secret(info.password or (url.password.reveal() if url.password else "")),
        tls=_context(url) if connection.pgconn.ssl_in_use else None,
        settings=dict(settings),
    )


def _context(url: DatabaseUrl) -> ssl.SSLContext:
    """As strict as the address asks: libpq's meaning of `sslmode`, `sslrootcert`, `sslcert` and `sslkey`."""
    given = url.conninfo()
    mode, root = given.get("sslmode", "prefer"), given.get("sslrootcert", "")
    default = Path("~/.postgresql/root.crt").expanduser()
    if not root and mode.startswith("verify") and default.exists():
        root = str(default)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    verifies = mode.startswith("verify") or (mode == "require" and root not in ("", "system"))
    context.check_hostname = mode == "verify-full" or (root == "system" and mode != "verify-ca")
    context.verify_mode = ssl.CERT_REQUIRED if verifies or root == "system" else ssl.CERT_NONE
    if root == "system":
        context.load_default_certs()
    elif root:
        context.load_verify_locations(root)
    if certificate := given.get("sslcert"):
        context.load_cert_chain(certificate, given.get("sslkey"), given.get("sslpassword"))
    return context
