"""A recorder on one database: an address for the tool comes out, and then what it did."""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import psycopg

from watari.errors.base import WatariError
from watari.evidence.recording import RecordedStatement, Recording
from watari.locale import Language
from watari.postgres.connection import connect
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.recorder.book import Book
from watari.recorder.certificate import Certificate, make_certificate
from watari.recorder.cut import Cut
from watari.recorder.door import Door, Link
from watari.recorder.log import Log
from watari.recorder.messages import error, message
from watari.recorder.queries import load
from watari.recorder.running import Running
from watari.recorder.scram import ScramFailed
from watari.recorder.session import Session
from watari.recorder.sockets import Refused
from watari.recorder.tally import Tally
from watari.recorder.upstream import Upstream, upstream_of
from watari.recorder.watcher import Watcher
from watari.recorder.welcome import Arrival, welcome
from watari.values import replace

#: Hears of each statement when it has ended: what it was, and the number of its connection.
Listener = Callable[[Running, int], None]

_OF_OUR_OWN_TLS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "sslcertmode", "sslsni")
_OF_THE_SERVER = ("hostaddr", "options", "passfile", "service", "sslnegotiation", "target_session_attrs", "gssencmode")
_NO_CONNECTION = "08001"


class Recorder:
    """Open on the database at `url` until the context ends. `url` of the recorder itself is the one for the tool.

    `look` False: sessions are only passed on and written down. `settings`: server parameters that every session begins with.
    `tls`: whether the tool's address asks for TLS; None: as `url` does. `cut`: where the tool is cut off. Raises a `ReachError`.
    """

    def __init__(
        self,
        url: DatabaseUrl,
        *,
        look: bool = True,
        settings: Mapping[str, str] | None = None,
        tls: bool | None = None,
        listen: Listener | None = None,
        cut: Cut | None = None,
    ) -> None:
        self._target = url
        self._look = look
        self._cut = cut
        with connect(url, purpose="recorder") as connection:
            self._upstream: Upstream = upstream_of(connection, url, settings or {})
            self._name = connection.info.dbname
            self._temporary = _temporary_bytes(connection)
        self.log = Log(listen)
        self._books: dict[str, Book] = {}
        self._lock = threading.Lock()
        self._watcher = Watcher(self._elsewhere, self.log.add)
        self._password = Secret(secrets.token_hex(16))
        self._folder = Path(tempfile.mkdtemp(prefix="watari-door-"))
        self._certificate: Certificate | None = make_certificate(self._folder)
        wanted = url.parameters.get("sslmode", "") in ("require", "verify-ca", "verify-full") if tls is None else tls
        self._tls = wanted and self._certificate is not None
        if look:
            self._watcher.open()
        self._door = Door(self._begin)
        self._closed = False

    @property
    def url(self) -> DatabaseUrl:
        """The address for the tool, with a password that only this recorder knows."""
        kept = {
            name: value
            for name, value in self._target.parameters.items()
            if name not in (*_OF_OUR_OWN_TLS, *_OF_THE_SERVER)
        }
        if options := self._target.parameters.get("options"):
            kept["options"] = options
        mode = self._target.parameters.get("sslmode", "require") if self._tls else "disable"
        kept["sslmode"] = mode if mode in ("require", "verify-ca", "verify-full") else "require"
        if not self._tls:
            kept["sslmode"] = "disable"
        elif self._certificate:
            kept["sslrootcert"] = str(self._certificate.file)
        return replace(
            self._target,
            host="127.0.0.1",
            port=self._door.port,
            more_hosts=(),
            user=self._upstream.user,
            password=self._password,
            database=self._name,
            parameters=kept,
            secret_parameters={},
        )

    @property
    def certificate(self) -> Path | None:
        """The certificate that the door shows; None where there is no `openssl` to make one."""
        return self._certificate.file if self._certificate else None

    def recording(self) -> Recording:
        """What was recorded until now."""
        self._door.settle()
        temporary = None
        with suppress(WatariError), connect(self._target, purpose="recorder") as connection:
            temporary = max(0, _temporary_bytes(connection) - self._temporary)
        return self.log.recording(temporary)

    @property
    def pids(self) -> tuple[int, ...]:
        """The server's processes of the sessions in which a statement runs now."""
        return tuple(session.pid for session in self._door.sessions if session.queue and session.pid)

    def cancel(self) -> int:
        """Has every statement that runs now cancelled; how many sessions were told."""
        told = 0
        for session in self._door.sessions:
            if session.queue and session.key:
                with suppress(OSError):
                    self._upstream.cancel(session.key)
                    told += 1
        return told

    def close(self) -> None:
        """Closes the door and every connection through it; doing it twice is fine."""
        if self._closed:
            return
        self._closed = True
        self._door.close()
        self._watcher.close()
        for book in self._books.values():
            book.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # --------------------------------------------------------------------------------- a connection begins

    def _begin(self, sock: socket.socket) -> Link | None:
        """In a thread of its own: the tool's login, then ours."""
        try:
            arrival = welcome(sock, password=self._password, certificate=self._certificate)
            sock = arrival.sock
            if arrival.cancels is not None:
                self._upstream.cancel(arrival.cancels)
                sock.close()
                return None
            return self._connect(arrival)
        except Refused as refused:
            _say(sock, refused.answer)
        except WatariError as failed:
            _say(sock, error(_NO_CONNECTION, failed.message.render(Language.EN)))
        except (ScramFailed, OSError) as failed:
            _say(sock, error(_NO_CONNECTION, f"watari's recorder: {failed}"))
        return None

    def _connect(self, arrival: Arrival) -> Link:
        if self._cut and self._cut.made:
            raise ConnectionError("the tool was cut off")
        server, before = self._upstream.log_in(arrival.version, arrival.parameters)
        try:
            user = arrival.parameters.get(b"user", b"")
            database = arrival.parameters.get(b"database", user).decode(errors="replace")
            replicates = arrival.parameters.get(b"replication", b"off").lower() not in (b"off", b"false", b"0", b"no")
            book = self._book(database)
            book.__enter__()
        except BaseException:
            server.close()
            raise
        tally = Tally(book, self.log, database=database, finish=self._watcher.finish)
        session = _Booked(
            book,
            tally,
            self._cut,
            version=book.version,
            look=self._look and not replicates,
            outside=self._watcher.on(book),
        )
        session.to_tool += before + message(b"R", b"\0\0\0\0")
        return Link(arrival.sock, server, session)

    def _book(self, database: str) -> Book:
        with self._lock:
            if database not in self._books:
                url = self._target.of_database(database)
                self._books[database] = Book(lambda: _own(url))
            return self._books[database]

    def _elsewhere(self) -> psycopg.Connection:
        """A connection to another database of the server, where there is one that lets us in."""
        for name in ("postgres", "template1"):
            if name != self._name:
                with suppress(WatariError):
                    return _own(self._target.of_database(name))
        return _own(self._target)


class _Booked(Session):
    """A session that counts as one of its database for as long as it is open."""

    def __init__(self, book: Book, tally: Tally, cut: Cut | None, **words: object) -> None:
        super().__init__(tally, **words)  # type: ignore[arg-type]
        self._book = book
        self._cut = cut

    def from_tool(self, data: bytes | bytearray) -> None:
        if self._cut and self._cut.made:
            self.broken = True
            return
        super().from_tool(data)

    def finished(self, running: Running, kind: int, body: bytes) -> None:
        super().finished(running, kind, body)
        if self._cut and self._cut.ended(running.sql):
            self.broken = True

    def closed(self) -> None:
        super().closed()
        self._book.__exit__()


def _own(url: DatabaseUrl) -> psycopg.Connection:
    """A connection of the recorder's own, which never waits for long: the tool may hold what it asks for."""
    return connect(url, purpose="recorder", settings={"lock_timeout": "2s", "statement_timeout": "20s"})


def _temporary_bytes(connection: psycopg.Connection) -> int:
    row = connection.execute(load("temporary_bytes")).fetchone()
    return int(row[0] or 0) if row else 0


def _say(sock: socket.socket, answer: bytes) -> None:
    with suppress(OSError):
        if answer:
            sock.sendall(answer)
    sock.close()


__all__ = ["Listener", "RecordedStatement", "Recorder"]
