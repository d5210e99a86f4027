"""What the server still owes, in order: each message that was sent stands here until it is answered.

By this queue the recorder tells the answers to the tool's own messages from the answers to its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from watari.recorder.messages import with_position
from watari.recorder.running import Running

if TYPE_CHECKING:
    from watari.recorder.conversation import Conversation

# server's messages by their first byte
(
    PARSED,
    BOUND,
    CLOSED,
    COMPLETE,
    ROW,
    ERROR,
    COPY_IN,
    EMPTY,
    SUSPENDED,
    READY,
    NO_DATA,
    DESCRIPTION,
    PARAMETERS,
    NOTICE,
) = b"123CDEGIsZnTtN"

PASS, SWALLOW = None, b""


class Expectation:
    """Something that was sent. `answer` says what becomes of a message: passed on, swallowed, or another one instead."""

    __slots__ = ("hidden",)
    barrier = False  # an error in front of it does not cancel it
    prepares: bool = False  # the look is prepared by it

    def __init__(self, *, hidden: bool = False) -> None:
        self.hidden = hidden

    def answer(self, session: Conversation, kind: int, body: bytes) -> bytes | None:
        """One message of the server; removes itself from the queue with the last of its answers."""
        return SWALLOW if self.hidden else PASS

    def under_way(self) -> Running | None:
        """The statement that is not answered yet."""
        return None


class Sync(Expectation):
    """A Sync, answered by ReadyForQuery, which the session itself takes; `keeps`: the statement whose statistics go before it."""

    __slots__ = ("keeps",)
    barrier = True

    def __init__(self, *, hidden: bool = False, keeps: Running | None = None) -> None:
        super().__init__(hidden=hidden)
        self.keeps = keeps


class Plain(Expectation):
    """Messages of the tool that are answered by one message each: Parse, Bind, Describe, Close."""

    __slots__ = ("owed",)

    def __init__(self, owed: int) -> None:
        super().__init__()
        self.owed = owed

    def answer(self, session: Conversation, kind: int, body: bytes) -> bytes | None:
        if kind in (PARSED, BOUND, CLOSED, DESCRIPTION, NO_DATA):
            self.owed -= 1
            if not self.owed:
                session.queue.popleft()
        elif kind == ERROR:
            session.skip()
        return PASS


class Execute(Expectation):
    """One Execute: of the tool, or (hidden) of the recorder in place of a simple query."""

    __slots__ = ("running",)

    def __init__(self, running: Running, *, hidden: bool = False) -> None:
        super().__init__(hidden=hidden)
        self.running = running

    def answer(self, session: Conversation, kind: int, body: bytes) -> bytes | None:
        if kind in (COMPLETE, EMPTY, SUSPENDED):
            session.queue.popleft()
            session.finished(self.running, kind, body)
        elif kind == ERROR:
            session.finished(self.running, kind, body)
            session.skip()
        elif kind == COPY_IN:
            session.copy_begins(self)
        # of a query that became Parse, Bind and Describe, the tool awaits no answer to these
        return SWALLOW if self.hidden and kind in (PARSED, BOUND, NO_DATA) else PASS

    def under_way(self) -> Running | None:
        return self.running


class Look(Expectation):
    """The recorder's own: a look, or the order to keep statistics; ends with as many CloseComplete as it sent Close."""

    __slots__ = ("back", "closes", "prepares", "row", "tells")

    def __init__(self, *, closes: int, tells: bool = True, back: bool = False, prepares: bool = False) -> None:
        super().__init__(hidden=True)
        self.prepares = prepares
        self.closes = closes
        self.tells = tells  # its row is a look
        self.back = back  # after ROLLBACK TO: a new beginning, nobody's doing
        self.row: bytes | None = None

    def answer(self, session: Conversation, kind: int, body: bytes) -> bytes | None:
        if kind == ROW:
            self.row = body
        elif kind == CLOSED:
            self.closes -= 1
            if not self.closes:
                session.queue.popleft()
                if self.tells:
                    session.looked(self.row, back=self.back)
        elif kind == ERROR:
            session.look_failed(body)
            session.skip()
            return PASS  # the tool's transaction is broken by it, and the tool has to know
        return SWALLOW


class Prepare(Expectation):
    """The recorder's own Close and Parse of the look, by themselves."""

    __slots__ = ()
    prepares = True

    def __init__(self) -> None:
        super().__init__(hidden=True)

    def answer(self, session: Conversation, kind: int, body: bytes) -> bytes | None:
        if kind == PARSED:
            session.queue.popleft()
        elif kind == ERROR:
            session.look_failed(body)
            session.skip()
            return PASS
        return SWALLOW


class Query(Expectation):
    """A simple query: its statements in order; None stands for a look that was put between them.

    `moved`: by how many characters the text of each was shifted.
    """

    __slots__ = ("_next", "_row", "moved", "runnings")
    barrier = True

    def __init__(self, runnings: list[Running | None], moved: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.runnings = runnings
        self.moved = moved
        self._next = 0
        self._row: bytes | None = None

    @property
    def looks(self) -> bool:
        """Whether what comes now answers a look."""
        return self._next < len(self.runnings) and self.runnings[self._next] is None

    def now(self) -> Running | None:
        """The statement that the server is at."""
        return self.runnings[self._next] if self._next < len(self.runnings) else None

    def under_way(self) -> Running | None:
        return self.now()

    def answer(self, session: Conversation, kind: int, body: bytes) -> bytes | None:
        if self.looks:
            return self._answer_look(session, kind, body)
        if kind in (COMPLETE, EMPTY):
            if running := self.now():
                session.finished(running, kind, body)
            self._next += 1
        elif kind == ERROR:
            if running := self.now():
                session.finished(running, kind, body)
            return self._moved_back(body)
        return PASS

    def _answer_look(self, session: Conversation, kind: int, body: bytes) -> bytes | None:
        if kind == ROW:
            self._row = body
        elif kind == COMPLETE:
            self._next += 1
            session.looked(self._row)
            self._row = None
        elif kind == ERROR:
            session.look_failed(body)
            return self._moved_back(body)
        return SWALLOW

    def _moved_back(self, body: bytes) -> bytes | None:
        moved = self.moved[self._next] if self._next < len(self.moved) else 0
        return with_position(body, moved) if moved else PASS
