"""The Docker Engine's API over its socket: what a clone in a container needs of it, with nothing but the standard library.

https://docs.docker.com/reference/api/engine/ (1.41 and later; podman's service speaks it as well). The version asked for is the one that
the daemon offers: Docker 29 refuses 1.41 to 1.43, and older daemons what is newer than they are.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import tarfile
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from watari.locale import Message, Text
from watari.locale.system import reason_of
from watari.values import dataclass

_DEFAULT = "unix:///var/run/docker.sock"
_SECONDS = 60.0

_UNREACHABLE = Text(
    en="no Docker daemon at {address}: {reason}", ja="{address} の Docker デーモンに接続できません: {reason}"
)
_NOT_SPOKEN = Text(
    en="DOCKER_HOST {address}: only unix:// and tcp:// without TLS are spoken",
    ja="DOCKER_HOST {address}: 対応しているのは unix:// と TLS なしの tcp:// のみです",
)
_REFUSED = Text(en="Docker refused: {reason}", ja="Docker に拒否されました: {reason}")


class EngineRefused(Exception):
    """The daemon is not there, or says no."""

    def __init__(self, reason: Message, *, status: int | None = None) -> None:
        self.reason = reason
        self.status = status
        super().__init__(str(reason))


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container as the daemon tells of it; `port` is that on loopback behind which its server listens."""

    id: str
    running: bool
    labels: Mapping[str, str]
    port: int | None = None


class Engine:
    """One daemon; each question is a connection of its own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._prefix: str | None = None

    @classmethod
    def named(cls) -> Engine:
        """The daemon of `DOCKER_HOST`, or the one that usually is there."""
        return cls(os.environ.get("DOCKER_HOST") or _DEFAULT)

    @property
    def is_here(self) -> bool:
        """Whether it is a daemon of this machine: what it publishes on loopback can be reached."""
        parts = urlsplit(self.address)
        return parts.scheme == "unix" or parts.hostname in ("localhost", "127.0.0.1", "::1")

    def has_image(self, image: str) -> bool:
        """Whether the image is there; nothing is fetched. Raises `EngineRefused`."""
        try:
            self._ask("GET", f"/images/{quote(image, safe='')}/json")
        except EngineRefused as refused:
            if refused.status == http.HTTPStatus.NOT_FOUND:
                return False
            raise
        return True

    def create(self, wanted: Mapping[str, Any], *, name: str) -> str:
        """A container that is not started yet; its id comes out. Raises `EngineRefused`."""
        made = self._ask("POST", f"/containers/create?name={quote(name)}", json.dumps(wanted).encode())
        return str(made["Id"])

    def put_file(self, container: str, path: str, content: bytes, *, mode: int) -> None:
        """A file in a container, started or not. Raises `EngineRefused`."""
        folder, _, name = path.rpartition("/")
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), mode, int(time.time())
            archive.addfile(entry, io.BytesIO(content))
        place = f"/containers/{container}/archive?path={quote(folder or '/')}"
        self._ask("PUT", place, packed.getvalue(), kind="application/x-tar")

    def start(self, container: str) -> None:
        """Starts it. Raises `EngineRefused`."""
        self._ask("POST", f"/containers/{container}/start")

    def look(self, container: str, *, port: str) -> Container:
        """What it is now; `port` is the one inside, "5432/tcp". Raises `EngineRefused`."""
        told = self._ask("GET", f"/containers/{container}/json")
        bound = (told["NetworkSettings"].get("Ports") or {}).get(port) or ()
        return Container(
            id=told["Id"],
            running=bool(told["State"]["Running"]),
            labels=told["Config"].get("Labels") or {},
            port=int(bound[0]["HostPort"]) if bound and bound[0].get("HostPort") else None,
        )

    def said(self, container: str) -> str:
        """The last lines that its programs wrote. Raises `EngineRefused`."""
        sent = self._send("GET", f"/containers/{container}/logs?stdout=1&stderr=1&tail=20")
        return _without_frames(sent).decode(errors="replace")

    def labelled(self, label: str) -> tuple[Container, ...]:
        """Every container that bears the label, started or not. Raises `EngineRefused`."""
        filters = quote(json.dumps({"label": [label]}))
        found = self._ask("GET", f"/containers/json?all=1&filters={filters}")
        return tuple(
            Container(id=each["Id"], running=each.get("State") == "running", labels=each.get("Labels") or {})
            for each in found
        )

    def remove(self, container: str) -> None:
        """Ends and removes it with its volumes; one that is gone already is fine. Raises `EngineRefused`."""
        try:
            self._ask("DELETE", f"/containers/{container}?force=1&v=1")
        except EngineRefused as refused:
            if refused.status not in (http.HTTPStatus.NOT_FOUND, http.HTTPStatus.CONFLICT):
                raise

    # -- one question ---------------------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, body: bytes | None = None, *, kind: str = "application/json") -> Any:
        answered = self._send(method, path, body, kind=kind)
        return json.loads(answered) if answered.strip() else None

    def _send(self, method: str, path: str, body: bytes | None = None, *, kind: str = "application/json") -> bytes:
        if self._prefix is None:
            version = self._exchange("GET", "/_ping", None, kind)[1].get("Api-Version")
            self._prefix = f"/v{version}" if version else ""
        status, _, answered = self._exchange(method, self._prefix + path, body, kind)
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise EngineRefused(_REFUSED(reason=_reason(answered) or f"HTTP {status}"), status=status)
        return answered

    def _exchange(
        self, method: str, path: str, body: bytes | None, kind: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = _connection(self.address)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException) as failed:
            reason = reason_of(failed) if isinstance(failed, OSError) else str(failed)
            raise EngineRefused(_UNREACHABLE(address=self.address, reason=reason)) from failed
        finally:
            connection.close()


class _SocketConnection(http.client.HTTPConnection):
    """HTTP through a socket of this machine."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _connection(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        return _SocketConnection(parts.path)
    if parts.scheme in ("tcp", "http") and parts.hostname and not os.environ.get("DOCKER_TLS_VERIFY"):
        return http.client.HTTPConnection(parts.hostname, parts.port or 2375, timeout=_SECONDS)
    raise EngineRefused(_NOT_SPOKEN(address=address))


def _reason(answered: bytes) -> str:
    try:
        return str(json.loads(answered).get("message", "")).strip()
    except (ValueError, AttributeError):
        return answered.decode(errors="replace").strip()[:200]


def _without_frames(sent: bytes) -> bytes:
    """Output of a container without a terminal comes in frames: a byte of which stream, three of nothing, four of length."""
    plain, place = b"", 0
    while place + 8 <= len(sent) and sent[place] in (0, 1, 2) and sent[place + 1 : place + 4] == b"\0\0\0":
        end = place + 8 + int.from_bytes(sent[place + 4 : place + 8], "big")
        plain, place = plain + sent[place + 8 : end], end
    return plain or sent


def last_complaint(said: str, words: Sequence[str] = ("FATAL", "PANIC", "ERROR", "Error")) -> str:
    """The last line with one of `words` in it, or the last at all."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    found = [line for line in lines if any(word in line for word in words)]
    return (found or lines or ["it said nothing"])[-1]
