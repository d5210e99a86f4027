"""Mutated streams of messages: the recorder neither crashes, nor mixes up connections, nor grows without bound."""

from __future__ import annotations

import random
import re
import socket
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from recorder.exchange import SYNC, Client, bind, describe, execute, parse, query, whole
from watari.evidence.recording import Recording
from watari.project.url import DatabaseUrl
from watari.recorder import probe
from watari.recorder.book import Book
from watari.recorder.log import Log
from watari.recorder.messages import LONGEST, message
from watari.recorder.recorder import Recorder
from watari.recorder.session import Session
from watari.recorder.tally import Tally

STREAMS = (
    query("create table a (id int)") + query("insert into a values (1)"),
    query("begin; create table b (id int); commit") + whole("select 1") + SYNC,
    parse("insert into a values ($1)", "s", (23,))
    + b"".join(bind("s", values=(b"7",)) + execute() for _ in range(5))
    + SYNC,
    whole("copy a from stdin") + SYNC + message(b"d", b"1\n") + message(b"c") + SYNC,
    parse("select 1", "x") + describe("x", "S") + bind("x", "p") + execute("p", 1) + message(b"H") + SYNC,
    query("commit") + query("rollback to s") + query("deallocate all") + query("create index concurrently on a (id)"),
)
#: What a server may answer, in any order and much too often.
ANSWERS = (
    message(b"1") + message(b"2") + message(b"n") + message(b"C", b"CREATE TABLE\0") + message(b"Z", b"I"),
    message(b"D", b"\0\1\0\0\0\0011") + message(b"C", b"SELECT 1\0") + message(b"3") + message(b"Z", b"T"),
    message(b"E", b"SERROR\0C42P01\0Mno\0P7\0\0") + message(b"Z", b"E"),
    message(b"G", b"\0\0\1\0\0") + message(b"N", b"SNOTICE\0C00000\0Mhm\0\0") + message(b"s") + message(b"I"),
    message(b"A", b"\0\0\0\1l\0x\0") + message(b"S", b"a\0b\0") + message(b"K", b"\0\0\0\1\0\0\0\2"),
)


def mutated(stream: bytes, dice: random.Random) -> bytes:
    """The stream with some of its bytes changed, dropped, doubled or cut off."""
    data = bytearray(stream)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(data)) if data else 0
        match dice.randrange(5):
            case 0 if data:
                data[place] = dice.randrange(256)
            case 1:
                del data[place : place + dice.randint(1, 9)]
            case 2:
                data[place:place] = data[place : place + dice.randint(1, 40)]
            case 3:
                data[place:place] = dice.randbytes(dice.randint(1, 9))
            case _ if dice.random() < 0.2:
                del data[place:]
    return bytes(data)


def pieces(data: bytes, dice: random.Random) -> Iterator[bytes]:
    """The same bytes as a network may cut them."""
    place = 0
    while place < len(data):
        size = dice.choice((1, 3, 17, 200, 10_000))
        yield data[place : place + size]
        place += size


class NoDatabase(Book):
    """A book that was read once and has nobody to ask."""

    def __init__(self) -> None:
        super().__init__(lambda: pytest.fail("the core asks nobody"))
        self.version = 180_000

    def refresh(self, only: object = None) -> None:
        return None


def new_session(log: Log) -> Session:
    return Session(Tally(NoDatabase(), log), version=probe.KEEPS)


@pytest.mark.parametrize("count", [600, pytest.param(10_000, marks=pytest.mark.full)])
def test_the_core_survives_both_sides_talking_nonsense(count: int) -> None:
    dice = random.Random(11)
    log = Log()
    tracemalloc.start()
    for number in range(count):
        session = new_session(log)
        mark = b"only for number %d!" % number
        for _ in range(3):
            for piece in pieces(mutated(dice.choice(STREAMS), dice), dice):
                session.from_tool(piece)
            for piece in pieces(mutated(dice.choice(ANSWERS), dice) + message(b"N", b"M" + mark + b"\0\0"), dice):
                session.from_server(piece)
            session.settle()
        session.closed()
        told = bytes(session.to_tool)
        assert set(re.findall(rb"only for number (\d+)!", told)) <= {b"%d" % number}
        assert b"_watari" not in told
        if number == 200:
            before = tracemalloc.get_traced_memory()[0]
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    kept = len(log.recording().statements)
    assert grown < 3000 * kept + 2_000_000


def test_a_message_that_never_ends_is_not_kept() -> None:
    session = new_session(Log())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    session.from_tool(b"Q" + (LONGEST * 8).to_bytes(4, "big"))
    for _ in range(200):
        session.from_tool(b"x" * 1_000_000)
        session.to_server.clear()
    assert tracemalloc.get_traced_memory()[1] - before < 8 << 20
    tracemalloc.stop()


def says_only_its_own(recorder: Recorder, number: int) -> None:
    """A sound session in the middle of the noise gets its own answers and no others."""
    with psycopg.connect(**recorder.url.conninfo(), autocommit=True) as session:
        assert session.execute("select %s::int", [number]).fetchone() == (number,)
        session.execute("create temp table own (id int)")
        session.execute("insert into own values (%s)", [number])
        assert session.execute("select id from own").fetchall() == [(number,)]


@pytest.mark.parametrize("count", [150, pytest.param(1500, marks=pytest.mark.full)])
def test_a_real_door_survives_mutated_streams(database: DatabaseUrl, count: int) -> None:
    dice = random.Random(5)
    with Recorder(database) as recorder:
        sound: Recording | None = None
        for number in range(count):
            client = Client(url=recorder.url)
            with client, suppress(OSError):
                client.sock.settimeout(0.02)
                for piece in pieces(mutated(dice.choice(STREAMS), dice), dice):
                    client.sock.sendall(piece)
                client.sock.recv(4096)
            if number % 25 == 0:
                says_only_its_own(recorder, number)
        sound = recorder.recording()
        assert sound.connections >= count


@pytest.mark.parametrize(
    "noise", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x08\x04\xd2\x16\x2f" * 50, b"\xff" * 100, b"\0\0\0\4"]
)
def test_noise_before_the_login_hurts_nobody(recorder: Recorder, noise: bytes) -> None:
    with socket.create_connection(("127.0.0.1", recorder.url.port)) as sock:
        sock.sendall(noise)
        says_only_its_own(recorder, 1)
