"""SCRAM-SHA-256, both sides, without a connection. Source: RFC 5802, RFC 7677, RFC 5929 (tls-server-end-point).

`Client` logs in to a server and checks its signature; `Server` lets one tool in that knows a one-time password.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os

PLAIN, PLUS = "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"
_ITERATIONS = 4096


class ScramFailed(Exception):
    """The other side did not prove what it had to; the message says what, and never a secret."""


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _attributes(text: bytes) -> dict[str, bytes]:
    return {part[:1].decode("latin-1"): part[2:] for part in text.split(b",") if part[1:2] == b"="}


def _decoded(value: bytes) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ScramFailed("the SCRAM message is malformed") from None


def _prepared(password: str) -> bytes:
    """The password as SASLprep would have it; as PostgreSQL does, unprepared where it cannot be."""
    import stringprep
    import unicodedata

    mapped = "".join(" " if stringprep.in_table_c12(c) else "" if stringprep.in_table_b1(c) else c for c in password)
    normal = unicodedata.normalize("NFKC", mapped)
    forbidden = (
        stringprep.in_table_c12,
        stringprep.in_table_c21_c22,
        stringprep.in_table_c3,
        stringprep.in_table_c4,
        stringprep.in_table_c5,
        stringprep.in_table_c6,
        stringprep.in_table_c7,
        stringprep.in_table_c8,
        stringprep.in_table_c9,
        stringprep.in_table_a1,
    )
    if not normal or any(test(c) for c in normal for test in forbidden):
        return password.encode()
    return normal.encode()


class Client:
    """One login. `binding` is the hash of the server's certificate, where the connection is TLS and the server offers PLUS."""

    def __init__(self, password: str, *, binding: bytes | None) -> None:
        self.mechanism = PLUS if binding is not None else PLAIN
        self._password = _prepared(password)
        self._head = b"p=tls-server-end-point,," if binding is not None else b"n,,"
        self._binding = binding or b""
        self._nonce = base64.b64encode(os.urandom(18))
        self._signature = b""

    def first(self) -> bytes:
        """The client's first message."""
        return self._head + self._bare()

    def _bare(self) -> bytes:
        return b"n=,r=" + self._nonce

    def final(self, server_first: bytes) -> bytes:
        """The answer to the server's first message; raises `ScramFailed`."""
        given = _attributes(server_first)
        nonce, salt, count = given.get("r", b""), given.get("s", b""), given.get("i", b"")
        if not nonce.startswith(self._nonce) or nonce == self._nonce or not count.isdigit() or int(count) < 1:
            raise ScramFailed("the server's SCRAM message is malformed")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, _decoded(salt), int(count))
        key = _hmac(salted, b"Client Key")
        last = b"c=" + base64.b64encode(self._head + self._binding) + b",r=" + nonce
        signed = b",".join((self._bare(), server_first, last))
        self._signature = _hmac(_hmac(salted, b"Server Key"), signed)
        proof = _xor(key, _hmac(hashlib.sha256(key).digest(), signed))
        return last + b",p=" + base64.b64encode(proof)

    def check(self, server_final: bytes) -> None:
        """Returns where the server has proved that it knows the password too; raises `ScramFailed`."""
        if not hmac.compare_digest(_decoded(_attributes(server_final).get("v", b"")), self._signature):
            raise ScramFailed("the server's SCRAM signature is wrong: it does not know the password")


class Server:
    """Lets one client in. `binding`: the hash of our certificate, where the connection is TLS."""

    def __init__(self, password: str, *, binding: bytes | None) -> None:
        self._binding = binding
        salt = os.urandom(16)
        salted = hashlib.pbkdf2_hmac("sha256", _prepared(password), salt, _ITERATIONS)
        self._stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
        self._key = _hmac(salted, b"Server Key")
        self._salt = salt
        self._head = self._bare = self._first = self._nonce = b""

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """What is offered, the best first."""
        return (PLUS, PLAIN) if self._binding is not None else (PLAIN,)

    def first(self, mechanism: str, client_first: bytes) -> bytes:
        """The answer to the client's first message; raises `ScramFailed`."""
        flag, _, rest = client_first.partition(b",")
        name, _, bare = rest.partition(b",")
        bound = flag == b"p=tls-server-end-point"
        if mechanism not in self.mechanisms or bound != (mechanism == PLUS) or (not bound and flag not in (b"n", b"y")):
            raise ScramFailed("the client asks for another channel binding than was offered")
        if flag == b"y" and self._binding is not None:
            raise ScramFailed("the client believes that channel binding was not offered")
        self._head = flag + b"," + name + b","
        self._bare = bare
        nonce = _attributes(bare).get("r", b"")
        if not nonce:
            raise ScramFailed("the client's SCRAM message is malformed")
        self._nonce = nonce + base64.b64encode(os.urandom(18))
        self._first = b"r=%s,s=%s,i=%d" % (self._nonce, base64.b64encode(self._salt), _ITERATIONS)
        return self._first

    def final(self, client_final: bytes) -> bytes:
        """The server's signature, where the client's proof is right; raises `ScramFailed`."""
        last, _, proof = client_final.rpartition(b",p=")
        given = _attributes(last)
        bound = self._binding if self._head.startswith(b"p=") else b""
        expected = self._head + (bound or b"")
        if _decoded(given.get("c", b"")) != expected or given.get("r") != self._nonce:
            raise ScramFailed("the client is bound to another channel")
        signed = b",".join((self._bare, self._first, last))
        decoded = _decoded(proof)
        if len(decoded) != 32:
            raise ScramFailed("the client's SCRAM message is malformed")
        key = _xor(decoded, _hmac(self._stored, signed))
        if not hmac.compare_digest(hashlib.sha256(key).digest(), self._stored):
            raise ScramFailed("the password is wrong")
        return b"v=" + base64.b64encode(_hmac(self._key, signed))
