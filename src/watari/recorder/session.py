"""One session of a tool, without a socket: bytes of both sides go in, bytes for both sides and the record come out.

Nothing is ever held back. Behind the tool's Execute the recorder puts a look of its own, under a name of its own, into the same
packet; the queue of what was sent (`expectations.py`) tells the answers apart. A simple query goes one of four ways: as it is
where nothing is to be looked at; as Parse, Bind, Describe, Execute and a look where it is one statement; with looks between
its statements where it is several, so that it stays one query and one transaction; and as it is, watched from outside, where it
refuses a transaction.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeVar

from watari.evidence.recording import Parameter, Seen
from watari.recorder import probe
from watari.recorder.conversation import Conversation, Outside
from watari.recorder.expectations import Execute, Query, Sync
from watari.recorder.messages import SYNC, bound_values, message, parse_types, text_at
from watari.recorder.running import Running
from watari.recorder.stream import Stream
from watari.recorder.tally import Tally
from watari.recorder.wording import Wording, parts, wording
from watari.values import dataclass

_MOST_NAMES = 10_000
_NOTHING = wording(b"")


@dataclass(frozen=True)
class _Prepared:
    sql: bytes
    wording: Wording
    types: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Portal:
    prepared: _Prepared
    parameters: tuple[Parameter, ...] = ()


_UNKNOWN = _Prepared(b"", _NOTHING)
_Named = TypeVar("_Named")


class Session(Conversation):
    """The whole of it: what the tool sends goes on to the server, with looks where there is something to be looked at."""

    def __init__(self, tally: Tally, *, version: int, look: bool = True, outside: Outside | None = None) -> None:
        super().__init__(tally, version=version, look=look, outside=outside)
        self._tool = Stream(self._from_tool, self.to_server, pieces=b"d", long=self._long)
        self._statements: dict[bytes, _Prepared] = {}
        self._portals: dict[bytes, _Portal] = {}

    def from_tool(self, data: bytes | bytearray) -> None:
        """Bytes of the tool."""
        self._tool.feed(data)  # where it breaks the protocol, the server will tell it

    def _from_tool(self, kind: int, data: bytes) -> None:
        """One message of the tool, `data` with its head."""
        handle = _OF_THE_TOOL.get(kind)
        try:
            if handle is None or handle(self, data):
                self.to_server += data
        except (ValueError, struct.error, IndexError):
            self.to_server += data  # not what the protocol says: the server will tell the tool so

    def _long(self, kind: int, head: bytes) -> None:
        """A message too long to be kept is passed on in pieces; of what it begins with, the rest is foreseen."""
        if kind == ord("Q"):
            text = head[5:]
            self.queue.append(Query([self._running(text, wording(text[:1000]))]))
            self.tally.touched = True
        elif kind in b"PB":
            self._cycle = True
            self._owed += 1
            name, place = text_at(head, 5)
            if kind == ord("P"):
                _keep_few(self._statements, name, _Prepared(head[place:], wording(head[place : place + 1000])))
            else:
                prepared = self._statements.get(text_at(head, place)[0], _UNKNOWN)
                _keep_few(self._portals, name, _Portal(prepared))

    def _parse(self, data: bytes) -> bool:
        name, place = text_at(data, 5)
        sql, place = text_at(data, place)
        prepared = _Prepared(sql, wording(sql), parse_types(data, place))
        self._begin_cycle(prepared.wording)
        _keep_few(self._statements, name, prepared)
        self._owed += 1
        return True

    def _bind(self, data: bytes) -> bool:
        portal, place = text_at(data, 5)
        name, place = text_at(data, place)
        prepared = self._statements.get(name, _UNKNOWN)
        self._begin_cycle(prepared.wording)
        _keep_few(self._portals, portal, _Portal(prepared, bound_values(data, place, prepared.types)))
        self._owed += 1
        return True

    def _describe_or_close(self, data: bytes) -> bool:
        if data[:1] == b"C":
            named = self._statements if data[5:6] == b"S" else self._portals
            named.pop(text_at(data, 6)[0], None)
        self._cycle = True
        self._owed += 1
        return True

    def _execute(self, data: bytes) -> bool:
        portal = self._portals.get(text_at(data, 5)[0], _Portal(_UNKNOWN))
        word = portal.prepared.wording
        self._look_before(word)
        running = self._running(portal.prepared.sql, word, portal.parameters)
        self.queue.append(Execute(running))
        self.to_server += data
        self._owed = 0
        if word.word == "COPY":
            running.seen = Seen.PROBED  # when its rows are there
            self.tally.touched = True
        elif not word.quiet and not self._block and word.alone:
            self._watch(running)
        else:
            self._look_after(word, running)
        self._foresee(word)
        return False

    def _sync(self, data: bytes) -> bool:
        if not self._copy:  # in copy mode the server takes no notice of it
            self.queue.append(Sync())
            self._owed, self._cycle = 0, False
        return True

    def _function(self, data: bytes) -> bool:
        self.queue.append(Sync())
        return True

    def _copy_done(self, data: bytes) -> bool:
        if not self._copy:
            return True
        self.to_server += data
        self._copy = None
        if self._look:
            self._ask()  # anything sent earlier would have been refused
        return False

    def _copy_fail(self, data: bytes) -> bool:
        self._copy = None
        return True

    def _query(self, data: bytes) -> bool:
        sql = data[5:-1]
        word = wording(sql)
        self._cycle = False
        if word.forgets:
            self._careful = True  # it may be hidden in a function that this text makes or runs
        if not self._look or (word.quiet and not word.several and not word.ends and not word.back_to):
            self._along(sql, word)
        elif not word.several and (word.ends or word.back_to):
            return self._end_of_transaction(sql, word, data)
        elif self.status == "E" or (word.alone and not word.several and not self._block):
            self._alone(sql, word)
        else:
            return self._looked_at(sql, word, data)
        return True

    def _along(self, sql: bytes, word: Wording) -> None:
        running = self._running(sql, word)
        self.queue.append(Query([running]))
        self.tally.touched = self.tally.touched or word.touches
        self._foresee(word)

    def _end_of_transaction(self, sql: bytes, word: Wording, data: bytes) -> bool:
        asked = len(self.queue)
        self._look_before(word)
        if len(self.queue) > asked:
            self._hidden_sync()
        self.queue.append(Query([self._running(sql, word)]))
        self.to_server += data
        self._foresee(word)
        if word.back_to:
            self._ask(back=True)
            self._hidden_sync()
        return False

    def _alone(self, sql: bytes, word: Wording) -> None:
        running = self._running(sql, word)
        self.queue.append(Query([running]))
        if self.status == "E":
            self._foresee(word)
        else:
            self._watch(running)

    def _looked_at(self, sql: bytes, word: Wording, data: bytes) -> bool:
        cut = parts(sql) if word.several else (sql,)
        if cut is None or not cut:
            self._alone(sql, word)
            return True
        self._look_at_what_was_touched()
        if len(cut) > 1 or word.word == "COPY":
            self._batch(sql, cut)
            return False
        running = self._running(sql, word)
        running.seen = Seen.PROBED
        self.queue.append(Execute(running, hidden=True))
        self.to_server += message(b"P", b"\0" + sql + b"\0\0\0") + message(b"B", b"\0\0\0\0\0\0\0\0")
        self.to_server += message(b"D", b"P\0") + message(b"E", b"\0\0\0\0\0")
        self._look_after(word, running)
        self.queue.append(Sync())
        self.to_server += SYNC
        return False

    def _batch(self, sql: bytes, cut: tuple[bytes, ...]) -> None:
        """Puts looks between the statements of a simple query, which so stays one query and one transaction."""
        words = [wording(part) for part in cut]
        last = max((number for number, word in enumerate(words) if not word.quiet), default=-1)
        runnings: list[Running | None] = []
        moved: list[int] = []
        out, place, shift = bytearray(), 0, 0
        for number, (part, word) in enumerate(zip(cut, words, strict=True)):
            end = sql.index(part, place) + len(part)
            out += sql[place:end]
            place = end
            runnings.append(self._running(part.strip(), word))
            moved.append(shift)
            if not word.quiet:
                runnings[-1].seen = Seen.PROBED  # type: ignore[union-attr]  # it was just put there
                look = b"\n;" + self._look_in_batch(final=number == last and not self._block)
                out += look
                shift += len(look)
                runnings.append(None)
                moved.append(shift)
            self._foresee(word)
        self.queue.append(Query(runnings, tuple(moved)))
        self.to_server += message(b"Q", bytes(out + sql[place:]) + b"\0")

    def _look_in_batch(self, *, final: bool) -> bytes:
        known, told_already = self.tally.bounds(final=final)
        if self._careful or not self._prepared:
            return probe.inline(self._version, known, told_already)
        return probe.execute(known, told_already)

    def _running(self, sql: bytes, word: Wording, parameters: tuple[Parameter, ...] = ()) -> Running:
        return Running(sql=sql, wording=word, parameters=parameters, in_block=self._block)

    def _foresee(self, word: Wording) -> None:
        if word.begins:
            self._block = True
        elif word.ends:
            self._block = False


#: True: the message goes on to the server as it is.
_OF_THE_TOOL: dict[int, Callable[[Session, bytes], bool]] = {
    ord("P"): Session._parse,
    ord("B"): Session._bind,
    ord("D"): Session._describe_or_close,
    ord("C"): Session._describe_or_close,
    ord("E"): Session._execute,
    ord("S"): Session._sync,
    ord("F"): Session._function,
    ord("c"): Session._copy_done,
    ord("f"): Session._copy_fail,
    ord("Q"): Session._query,
}


def _keep_few(named: dict[bytes, _Named], name: bytes, value: _Named) -> None:
    named.pop(name, None)
    if len(named) >= _MOST_NAMES:
        named.pop(next(iter(named)))
    named[name] = value
