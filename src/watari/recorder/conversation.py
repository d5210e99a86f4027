"""The half of a session that faces the server: looks are put among what goes there, and told apart from what comes back."""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from watari.evidence.recording import Seen
from watari.recorder import expectations as expected
from watari.recorder import probe
from watari.recorder.expectations import Execute, Expectation, Look, Plain, Prepare, Query, Sync
from watari.recorder.messages import SYNC, told
from watari.recorder.running import Running
from watari.recorder.stream import Stream
from watari.recorder.tally import Tally
from watari.recorder.wording import Wording

#: So many relations held at once make a look long; from then on it is taken when it costs little beside the tool's own work.
_MANY_HELD, _LONG_LOOK, _SHARE = 200, 0.00015, 15


class Outside(Protocol):
    """Looks at statements from outside; None of this may take long."""

    def watch(self, pid: int, running: Running) -> None:
        """Begins to look, just before the statement is sent to the server's process `pid`."""

    def after(self, running: Running) -> None:
        """Looks up what it left, before the tool sends the next."""

    def forget(self, running: Running) -> None:
        """Looks at it no longer: no answer will come."""


class Conversation:
    """What is owed by the server, and what is to be sent next: `to_server` and `to_tool` are emptied by the driver.

    `look` False: only passed on and written down. `settle()` is called when everything is sent on, so that book-keeping costs
    the tool nothing. `broken`: the server does not speak the protocol, and the connection is to be closed.
    """

    def __init__(self, tally: Tally, *, version: int, look: bool = True, outside: Outside | None = None) -> None:
        self.tally = tally
        self.queue: deque[Expectation] = deque()
        self.to_server, self.to_tool = bytearray(), bytearray()
        self.status = "I"
        self.pid, self.key = 0, b""  # of the server's process, and what cancels its statement
        self.broken = False
        self._version = version
        self._look = look
        self._outside = outside
        self._server = Stream(self._from_server, self.to_tool, pieces=b"dD", read=self._to_be_read)
        self._block = False  # in a block, as far as what was sent tells
        self._begun = self._prepared = False
        self._careful = tally.book.hides_deallocate
        self._copy: Execute | None = None
        self._owed = 0
        self._cycle = False  # within Parse … Sync
        self._spent = 0.0
        self._watched: Running | None = None
        self._later: list[Callable[[], None]] = []

    def _watch(self, running: Running) -> None:
        if not self._look:
            return
        running.seen = Seen.SAMPLED
        if self._outside:
            self._watched = running
            self._outside.watch(self.pid, running)

    # ------------------------------------------------------------------------------------------- looks

    def _begin_cycle(self, word: Wording) -> None:
        """Before the first Parse or Bind after a Sync: here a Sync of our own breaks nothing of the tool's."""
        if self._cycle:
            return
        self._cycle = True
        if self._look and not word.quiet and not self._block and not self.queue:
            self._look_at_what_was_touched()

    def _look_at_what_was_touched(self) -> None:
        """What statements that were not looked at have locked and read is not the next one's doing."""
        tally = self.tally
        if not tally.touched or self.queue or self.status == "E" or not self._look or self._thin():
            return
        if self._block:
            self._ask()
        elif self._version >= probe.KEEPS:
            self._keep()
        else:
            return
        self._hidden_sync()

    def _look_before(self, word: Wording) -> None:
        """The last look before the locks go, and the look at what was touched before a statement of a block."""
        if not self._look or self.status == "E":
            return
        if word.ends and self._block and self.tally.touched:
            self._ask(final=True)
        elif not word.quiet and self._block and self.tally.touched and not self._thin():
            self._ask()

    def _look_after(self, word: Wording, running: Running) -> None:
        if not self._look:
            return
        if word.back_to:
            self._ask(back=True)
        elif word.quiet:
            self.tally.touched = self.tally.touched or word.touches
        else:
            running.seen = Seen.PROBED
            if self._thin():
                self.tally.touched = True
            else:
                self._ask()

    def _thin(self) -> bool:
        return self._block and self.tally.held > _MANY_HELD and self.tally.cost > _LONG_LOOK

    def _ask(self, *, final: bool = False, back: bool = False) -> None:
        if self._owed:
            self.queue.append(Plain(self._owed))  # the tool's own answers come first
            self._owed = 0
        self.tally.touched = False
        anew = self._careful or not self._prepared
        if anew:
            self._prepared = True
            self.to_server += probe.prepare(self._version)
        self.to_server += probe.ask(*self.tally.bounds(final=final))
        self.queue.append(Look(closes=2 if anew else 1, back=back, prepares=anew))

    def _prepare(self) -> None:
        """Prepares the look in a packet of its own."""
        self._prepared = True
        self.to_server += probe.prepare(self._version)
        self.queue.append(Prepare())
        self._hidden_sync()

    def _keep(self) -> None:
        self.tally.touched = False
        self.to_server += probe.keep()
        self.queue.append(Look(closes=2, tells=False))

    def _hidden_sync(self) -> None:
        self.to_server += SYNC
        self.queue.append(Sync(hidden=True))

    # ------------------------------------------------------------------------------------------- server → tool

    def from_server(self, data: bytes | bytearray) -> None:
        """Bytes of the server."""
        try:
            self._server.feed(data)
        except (ValueError, struct.error, IndexError):
            self.broken = True
        self.broken |= self._server.broken

    def _to_be_read(self, kind: int) -> bool:
        """Whether a message may not be passed on in pieces: rows that may be a look's."""
        return kind == expected.ROW and bool(self.queue) and (self.queue[0].hidden or isinstance(self.queue[0], Query))

    def _from_server(self, kind: int, data: bytes) -> None:
        front = self.queue[0] if self.queue else None
        if kind == expected.READY:
            if self._ready(chr(data[5])):
                return
            self.to_tool += data
            return
        if kind in b"SAK":  # a setting, a notification, the key for cancelling
            if kind == ord("K"):
                self.pid, self.key = int.from_bytes(data[5:9], "big"), data[5:]
            self.to_tool += data
            return
        if kind == expected.ERROR:
            self.status = "E"  # the tool may react before ReadyForQuery comes
        if front is None:
            self.to_tool += data
            return
        if kind == expected.NOTICE:
            self._notice(front, data)
            return
        instead = front.answer(self, kind, data[5:])
        self.to_tool += data if instead is None else instead

    def _notice(self, front: Expectation, data: bytes) -> None:
        ours = isinstance(front, Look | Prepare) or (isinstance(front, Query) and front.looks)
        if ours:
            return
        running = front.running if isinstance(front, Execute) else front.now() if isinstance(front, Query) else None
        if running and len(running.notices) < 100:
            running.notices.append(told(data[5:]))
        self.to_tool += data

    def _ready(self, status: str) -> bool:
        """ReadyForQuery; True: it answers a Sync of the recorder."""
        while self.queue and not self.queue[0].barrier:
            self._give_up(self.queue.popleft())
        answered = self.queue.popleft() if self.queue else None
        self.status = status
        if self._look and not self._begun:
            self._begun = True
            self._prepare()
        if not self.queue and not self._cycle:
            self._block = status != "I"
        if self._holds_back(answered):
            return True
        if status == "I":
            self._later.append(self._idle)
        elif status == "T" and not self.queue and not self._cycle and self._due():
            self._ask()
            self._hidden_sync()
        return answered is not None and answered.hidden

    def _holds_back(self, answered: Expectation | None) -> bool:
        """After a statement that was watched from outside, the tool hears that it may go on when what it left was looked up.

        Nothing else is held back: but here nothing can be looked up in the session, and the next statement could undo it.
        """
        running = self._watched if self._watched and self._watched.ended is not None else None
        if running:
            self._watched = None
        if running and self.status == "I" and not self.queue and not self._cycle and self._version >= probe.KEEPS:
            self._keep()
            self.to_server += SYNC
            self.queue.append(Sync(keeps=running))
            return True
        if isinstance(answered, Sync) and answered.keeps:
            running = answered.keeps
        if running and self._outside:
            self._outside.after(running)
        return False

    def _due(self) -> bool:
        """Looks were left out for their cost; by now the tool has worked for long enough that one is cheap beside it."""
        return self._look and self._thin() and 0 < self._spent > _SHARE * self.tally.cost

    def skip(self) -> None:
        """After an error the server reads on to the next Sync."""
        self._copy = None
        while self.queue and not self.queue[0].barrier:
            skipped = self.queue.popleft()
            self._give_up(skipped)
            if skipped.prepares:
                self._prepared = False

    def _give_up(self, expectation: Expectation) -> None:
        """What it stands for will not be answered: nobody is to look at it from outside for ever."""
        running = expectation.under_way()
        if running and self._outside and running.ended is None:
            self._outside.forget(running)

    def copy_begins(self, execute: Execute) -> None:
        """The rows of a COPY come next; a Sync that was sent already is ignored by the server."""
        self._copy = execute
        if len(self.queue) > 1 and isinstance(self.queue[1], Sync):
            del self.queue[1]

    def finished(self, running: Running, kind: int, body: bytes) -> None:
        """A statement has ended."""
        running.ended = time.monotonic()
        if kind == expected.ERROR:
            running.error = told(body)
        else:
            tags = {expected.EMPTY: "", expected.SUSPENDED: "SUSPENDED"}
            running.tag = tags[kind] if kind in tags else body[:-1].decode(errors="replace")
        if running.tag in ("DEALLOCATE ALL", "DISCARD ALL"):
            self._prepared = False
        self._spent += running.ended - running.began
        self._later.append(lambda: self.tally.ended(running))

    def looked(self, row: bytes | None, *, back: bool = False) -> None:
        """A look has come."""
        self._spent = 0.0
        arrived = time.monotonic()
        self._later.append(lambda: self.tally.looked(row, arrived, back=back))

    def look_failed(self, body: bytes) -> None:
        """A look broke the tool's transaction: what is seen from here on cannot be relied upon."""
        self._prepared, self._careful = False, True
        self.tally.void(told(body).message)

    # ------------------------------------------------------------------------------------------- the record

    @property
    def unsettled(self) -> int:
        """How much is not in the books yet."""
        return len(self._later)

    def settle(self) -> None:
        """Book-keeping, after everything was sent on."""
        later, self._later = self._later, []
        for each in later:
            each()

    def _idle(self) -> None:
        self.tally.transaction_ended(time.monotonic())

    def closed(self) -> None:
        """The connection is gone; what was pending is written down."""
        for each in self.queue:
            self._give_up(each)
        self.settle()
        if cut_off := next((each for each in (one.under_way() for one in self.queue) if each), None):
            cut_off.ended = time.monotonic()  # the first that was not answered; what becomes of it, nobody was told
            self.tally.ended(cut_off)
        self.tally.transaction_ended(time.monotonic(), gone=True)
