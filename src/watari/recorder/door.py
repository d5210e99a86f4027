"""The door: listens on loopback and carries bytes between tools and server, all connections in one thread.

One thread, because the sessions are Python and would only wait for one another; it waits in one `poll` for everybody.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable

from watari.recorder.session import Session

_IN, _OUT = select.POLLIN, select.POLLOUT
_PIECE, _MOST = 256 << 10, 1 << 20
_SOON, _MANY, _PATIENT = 2, 200, 5.0  # milliseconds, entries, seconds
_AWAKE = 0.0001 if (os.cpu_count() or 1) > 1 else 0.0  # seconds; the tool and the server need a processor too
_WAITING = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_GONE = (ConnectionError, ssl.SSLError, OSError)


class Link:
    """A tool's connection and the server's, with the session between them."""

    def __init__(self, tool: socket.socket, server: socket.socket, session: Session) -> None:
        self.tool, self.server, self.session = tool, server, session
        self.tls = isinstance(tool, ssl.SSLSocket) or isinstance(server, ssl.SSLSocket)
        self.tool_gone = self.server_gone = False
        for sock in (tool, server):
            sock.settimeout(0)

    def carry(self, from_tool: bool, from_server: bool) -> bool:
        """Takes in what is there and sends what can be sent; True: there may be more that `poll` does not see."""
        more = False
        if from_tool and not self.tool_gone and len(self.session.to_server) < _MOST:
            self.tool_gone, again = _take(self.tool, self.session.from_tool)
            more |= again
        if from_server and not self.server_gone and len(self.session.to_tool) < _MOST:
            self.server_gone, again = _take(self.server, self.session.from_server)
            more |= again
        if self.session.broken:
            self.tool_gone = self.server_gone = True
        if self.session.to_server:
            self.server_gone |= _give(self.server, self.session.to_server)
        if self.session.to_tool:
            self.tool_gone |= _give(self.tool, self.session.to_tool)
        return more

    @property
    def over(self) -> bool:
        """Whether nothing is left to be carried."""
        if self.tool_gone:
            return self.server_gone or not self.session.to_server
        return self.server_gone and not self.session.to_tool

    def wants(self) -> tuple[int, int]:
        """What to wait for on the tool's socket and on the server's."""
        to_server, to_tool = self.session.to_server, self.session.to_tool
        tool = (_OUT if to_tool else 0) | (_IN if len(to_server) < _MOST else 0)
        server = (_OUT if to_server else 0) | (_IN if len(to_tool) < _MOST else 0)
        return (0 if self.tool_gone else tool), (0 if self.server_gone else server)

    def close(self) -> None:
        """Both connections, and the books."""
        for sock in (self.tool, self.server):
            with contextlib.suppress(OSError):
                sock.close()
        self.session.closed()


def _take(sock: socket.socket, feed: Callable[[bytes | bytearray], None]) -> tuple[bool, bool]:
    """Whether the other side left, and whether more may be there already (decrypted, so that `poll` does not see it)."""
    if not isinstance(sock, ssl.SSLSocket):
        try:
            data = sock.recv(_PIECE)
        except _WAITING:
            return False, False
        except _GONE:
            return True, False
        if data:
            feed(data)
        return not data, False
    gathered, gone, more = bytearray(), False, True
    while len(gathered) < _MOST:
        try:
            piece = sock.recv(_PIECE)
        except _WAITING:
            more = False
            break
        except _GONE:
            piece = b""
        if not piece:
            gone, more = True, False
            break
        gathered += piece
    if gathered:
        feed(gathered)
    return gone, more


def _give(sock: socket.socket, buffer: bytearray) -> bool:
    """Sends what can be sent; True: the other side is gone."""
    try:
        while buffer:
            del buffer[: sock.send(buffer)]
    except _WAITING:
        return False
    except _GONE:
        buffer.clear()
        return True
    return False


class Door:
    """Listens on a port of its own; `begin` makes a link of a socket that has come, in a thread of its own."""

    def __init__(self, begin: Callable[[socket.socket], Link | None]) -> None:
        self._begin = begin
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._waker, self._woken = socket.socketpair()
        for sock in (self._listener, self._woken):
            sock.settimeout(0)
        self._ready: deque[Link] = deque()
        self._links: dict[int, Link] = {}  # by both file descriptors
        self._wants: dict[int, int] = {}
        self._poll = select.poll()
        self._stop = self._asked = self._awake = False
        self._settled = threading.Event()
        self._unsettled: set[Link] = set()
        self._thread = threading.Thread(target=self._run, name="watari recorder", daemon=True)
        self._thread.start()

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions that are open now."""
        return tuple({id(link): link.session for link in list(self._links.values())}.values())

    def close(self) -> None:
        """Closes every connection, and the door; doing it twice is fine."""
        self._stop = True
        self._wake()
        self._thread.join(10)
        for sock in (self._listener, self._waker, self._woken):
            sock.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._waker.send(b"!")

    def _run(self) -> None:
        self._poll.register(self._listener, _IN)
        self._poll.register(self._woken, _IN)
        again: set[Link] = set()
        while not self._stop:
            events = self._wait(again=bool(again))
            if not events or self._asked:
                self._settle()
            due: dict[Link, int] = dict.fromkeys(again, 3)
            for number, _ in events:
                link = self._links.get(number)
                if link is not None:
                    due[link] = due.get(link, 0) | (1 if number == link.tool.fileno() else 2)
                elif number == self._listener.fileno():
                    self._accept()
                else:
                    self._take_in()
            again = {link for link, sides in due.items() if self._serve(link, sides)}
            if self._ready:
                again |= set(self._take_ready())
        for link in set(self._links.values()):
            self._let_go(link)

    def _wait(self, *, again: bool) -> list[tuple[int, int]]:
        """What has come. Right after something came it is asked for without sleep: waking up costs more than the message."""
        if again:
            return self._poll.poll(0)
        if self._awake:
            end = time.perf_counter() + _AWAKE
            while time.perf_counter() < end:
                if events := self._poll.poll(0):
                    return events
        events = self._poll.poll(_SOON if self._unsettled else None)
        self._awake = bool(events)
        return events

    def settle(self) -> None:
        """Returns when everything that has arrived is in the books."""
        if self._stop:
            return
        self._settled.clear()
        self._asked = True
        self._wake()
        self._settled.wait(_PATIENT)

    def _settle(self) -> None:
        for link in tuple(self._unsettled):
            self._safely(link, link.session.settle)
        self._unsettled.clear()
        if self._asked:
            self._asked = False
            self._settled.set()

    def _safely(self, link: Link, act: Callable[[], object]) -> bool:
        """Whether it went well; else the recording is void and this connection closed, and the others go on."""
        try:
            act()
        except Exception as failed:  # whatever it is, it must not take the other sessions with it
            link.session.tally.void(f"{type(failed).__name__}: {failed}")
            link.tool_gone = link.server_gone = True
            return False
        return True

    def _serve(self, link: Link, sides: int) -> bool:
        more = False

        def carry() -> None:
            nonlocal more
            more = link.carry(bool(sides & 1), bool(sides & 2))

        if not self._safely(link, carry):
            self._let_go(link)
            return False
        # the books are kept while the server works on the next statement, or while nothing happens
        if sides & 1 or link.session.unsettled > _MANY:
            self._safely(link, link.session.settle)
            self._unsettled.discard(link)
        else:
            self._unsettled.add(link)
        if link.over:
            self._let_go(link)
            return False
        for sock, wanted in zip((link.tool, link.server), link.wants(), strict=True):
            number = sock.fileno()
            if self._wants.get(number) != wanted:
                self._wait_for(number, wanted)
        return more

    def _wait_for(self, number: int, wanted: int) -> None:
        self._wants[number] = wanted
        if wanted:
            self._poll.register(number, wanted)
        else:
            with contextlib.suppress(KeyError):
                self._poll.unregister(number)

    def _let_go(self, link: Link) -> None:
        self._unsettled.discard(link)
        for sock in (link.tool, link.server):
            number = sock.fileno()
            self._links.pop(number, None)
            self._wants.pop(number, None)
            with contextlib.suppress(KeyError, ValueError):
                self._poll.unregister(number)
        self._safely(link, link.close)

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return
        os.set_inheritable(sock.fileno(), False)
        threading.Thread(target=self._arrive, args=(sock,), daemon=True).start()

    def _arrive(self, sock: socket.socket) -> None:
        link = self._begin(sock)
        if link is not None:
            self._ready.append(link)
            self._wake()

    def _take_in(self) -> None:
        with contextlib.suppress(OSError):
            self._woken.recv(4096)

    def _take_ready(self) -> list[Link]:
        taken = []
        while self._ready:
            link = self._ready.popleft()
            for sock in (link.tool, link.server):
                self._links[sock.fileno()] = link
                self._wait_for(sock.fileno(), _IN)
            taken.append(link)
        return taken
