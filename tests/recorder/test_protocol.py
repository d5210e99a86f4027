"""Every answer list is the same through the recorder as without it; what broke before stands among the cases."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import pytest
from fixtures.runs import wait_until

from recorder.exchange import (
    COPY_DONE,
    FLUSH,
    SYNC,
    Client,
    bind,
    close,
    describe,
    execute,
    message,
    parse,
    query,
    whole,
)
from watari.evidence.recording import Ending
from watari.project.url import DatabaseUrl
from watari.recorder.book import Book
from watari.recorder.log import Log
from watari.recorder.recorder import Recorder
from watari.recorder.session import Session
from watari.recorder.tally import Tally
from watari.recorder.watcher import Watcher

ROWS = message(b"d", b"1\tone\n") + message(b"d", b"2\ttwo\n")
LOSES = """create function loses() returns void language plpgsql as $$ begin execute 'deallocate all'; end $$"""

CASES: dict[str, tuple[bytes | str, ...]] = {
    "one query": (query("select 1"), "Z"),
    "empty queries": (query(""), "Z", query(" ; ;"), "Z", query("-- nothing"), "Z"),
    "syncs in a row": (SYNC + SYNC + SYNC, "ZZZ"),
    "two queries at once": (query("create table q (id int)") + query("insert into q values (1)"), "ZZ"),
    "many queries at once": (b"".join(query(f"create table q{n} (id int)") for n in range(30)), "Z" * 30),
    "unnamed portal of few rows": (
        whole("select * from generate_series(1, 5)", rows=2),
        FLUSH,
        "s",
        execute() + SYNC,
        "Z",
    ),
    "suspended and named portal": (
        query("begin") + parse("select * from a order by id", "s") + bind("s", "p") + execute("p", 2) + SYNC,
        "ZZ",
        whole("insert into a values (9, 'nine')") + SYNC,
        "Z",
        execute("p", 2) + SYNC + query("create table x (id int)") + execute("p") + close("p") + SYNC,
        "ZZZ",
        query("commit"),
        "Z",
    ),
    "insert in portal pieces": (
        query("begin") + parse("insert into a select g, g from generate_series(10, 20) g returning id", "s"),
        bind("s", "p") + execute("p", 3) + execute("p", 3) + SYNC,
        "ZZ",
        query("rollback"),
        "Z",
    ),
    "as pgjdbc: begin and statement in one packet, commit of one row": (
        parse("BEGIN", "S_1") + bind("S_1") + execute() + whole("create table j (id int)", rows=1) + SYNC,
        "Z",
        parse("COMMIT", "S_2") + bind("S_2") + describe() + execute(rows=1) + SYNC,
        "Z",
        whole("insert into j values (1)") + SYNC,
        "Z",
    ),
    "rolls back at the error, before it may": (
        query("begin"),
        "Z",
        query("create table e (id int)"),
        "Z",
        query("create table e (id int)"),
        "E",
        query("rollback"),
        "ZZ",
        query("create table e (id int)"),
        "Z",
    ),
    "failed transaction": (
        query("begin") + query("selec") + query("create table n (id int)") + query("rollback; create table n (id int)"),
        "ZZZZ",
    ),
    "error in the middle of a pipeline": (
        whole("create table p1 (id int)") + whole("insert into nowhere values (1)") + whole("create table p2 (id int)"),
        SYNC + whole("create table p3 (id int)") + SYNC,
        "ZZ",
    ),
    "named statements used again": (
        parse("insert into a values ($1, $2)", "again", (23, 25)) + describe("again", "S") + SYNC,
        "Z",
        b"".join(bind("again", values=(b"%d" % n, b"x")) + execute() for n in range(100, 140)) + SYNC,
        "Z",
        parse("select 1", "again") + SYNC,
        "Z",
        close("again", "S") + parse("select 1", "again") + bind("again") + execute() + SYNC,
        "Z",
    ),
    "binary values": (
        parse("insert into a values ($1, $2) returning id", "b", (23, 25)),
        bind("b", values=(b"\0\0\1\0", b"two\xe6\xb8\xa1"), binary=True) + describe() + execute() + SYNC,
        "Z",
        bind("b", values=(b"\0\0\1\1", None), binary=True) + execute() + SYNC,
        "Z",
    ),
    "several statements in one parse": (whole("create table s1 (id int); create table s2 (id int)") + SYNC, "Z"),
    "batch": (query("create table b1 (id int); insert into b1 values (1), (2); select * from b1; drop table b1"), "Z"),
    "batch with an error, whose place is told": (
        query("create table b1 (id int);\n  insert into b1 values (1);\nselect 渡 from nowhere;\nselect 1"),
        "Z",
        query("insert into a values (77, 'x'); insert into a values (1, 'again')"),
        "Z",
        query("select count(*) from a where id = 77"),
        "Z",
    ),
    "batch that does not parse": (query("create table b1 (id int); creat table b2 (id int)"), "Z"),
    "batch with its own transactions": (
        query("begin; create table b1 (id int); commit; create table b2 (id int); begin; create table b3 (id int)"),
        "Z",
        query("rollback"),
        "Z",
    ),
    "batch with savepoints": (
        query(
            "begin; savepoint s; create table b1 (id int); rollback to s; create table b1 (x int); release s; commit"
        ),
        "Z",
    ),
    "batch with what refuses a transaction": (
        query("create index concurrently on a (id); create index concurrently on a (name)"),
        "Z",
        query("vacuum a; vacuum a"),
        "Z",
        query("lock a; select 1"),
        "Z",
        query("declare c cursor for select * from a order by id; fetch 1 from c"),
        "Z",
        query("set local work_mem = '1MB'; create table w (id int)"),
        "Z",
    ),
    "batch of comments and quotes": (
        query("/* ; */ create table \"semi;colon\" (id int); -- ; \n insert into a values (50, 'a;b'), (51, $x$;$x$);"),
        "Z",
    ),
    "what refuses a transaction": (
        query("create index concurrently i1 on a (name)"),
        "Z",
        query("reindex table concurrently a"),
        "Z",
        query("drop index concurrently i1"),
        "Z",
        query("vacuum full a"),
        "Z",
        whole("create index concurrently i2 on a (name)") + SYNC,
        "Z",
        query("begin") + query("vacuum a") + query("rollback"),
        "ZZZ",
        query("cluster a using a_pkey"),
        "Z",
    ),
    "lock outside and inside of a block": (
        query("lock table a"),
        "Z",
        query("begin") + query("lock table a in share mode") + query("create table l (id int)") + query("commit"),
        "ZZZZ",
    ),
    "savepoints": (
        query("begin") + query("savepoint s") + query("create table v (id int)") + query("rollback to savepoint s"),
        "ZZZZ",
        query("create table v (x int)") + query("release s") + query("commit"),
        "ZZZ",
    ),
    "savepoints after an error": (
        query("begin") + query("savepoint s"),
        "ZZ",
        query("create table a (id int)"),
        "Z",
        query("rollback to s") + query("create table v (x int)") + query("commit"),
        "ZZZ",
        whole("select count(*) from v") + SYNC,
        "Z",
    ),
    "procedures that commit": (
        query(
            "create procedure c() language plpgsql as $$ begin insert into a values (60, ''); commit; insert into a values (61, ''); end $$"
        ),
        "Z",
        query("call c()"),
        "Z",
        whole("call c()") + SYNC,
        "Z",
        query("do $$ begin create table d1 (id int); commit; create table d2 (id int); rollback; end $$"),
        "Z",
        query("select count(*) from a where id >= 60"),
        "Z",
    ),
    "statements thrown away": (
        parse("select 1", "mine") + SYNC,
        "Z",
        query("create table k1 (id int)"),
        "Z",
        query("deallocate all"),
        "Z",
        query("create table k2 (id int)") + query("discard all") + query("create table k3 (id int)"),
        "ZZZ",
        bind("mine") + execute() + SYNC,
        "Z",
        query("begin") + query("deallocate all") + query("create table k4 (id int)") + query("commit"),
        "ZZZZ",
        query("create table k5 (id int); deallocate all; create table k6 (id int)"),
        "Z",
    ),
    "statements thrown away in a failed transaction": (
        query("create table k1 (id int)"),
        "Z",
        query("begin")
        + query("selec")
        + query("deallocate all")
        + query("rollback")
        + query("create table k2 (id int)"),
        "ZZZZZ",
    ),
    "statements thrown away inside a function": (
        query("create table k1 (id int)"),
        "Z",
        query(LOSES),
        "Z",
        query("select loses()"),
        "Z",
        query("create table k2 (id int)"),
        "Z",
        query("begin") + query("select loses()") + query("create table k3 (id int)") + query("commit"),
        "ZZZZ",
        query("do $$ begin perform loses(); end $$; create table k4 (id int)"),
        "Z",
    ),
    "copy in by query": (query("copy a from stdin"), "G", message(b"d", b"70\tx\n") + COPY_DONE, "Z"),
    "copy in that fails": (
        query("copy a from stdin"),
        "G",
        message(b"d", b"70\tx\nnot a number\tx\n") + COPY_DONE,
        "Z",
        query("copy a from stdin"),
        "G",
        message(b"f", b"no more\0"),
        "Z",
        query("create table after (id int)"),
        "Z",
    ),
    "copy in by parse, sync sent already": (
        whole("copy a from stdin") + SYNC,
        "G",
        message(b"d", b"80\tx\n") + COPY_DONE + SYNC,
        "Z",
        query("create table after (id int)"),
        "Z",
    ),
    "copy in by parse, sync sent afterwards": (
        whole("copy a from stdin") + FLUSH,
        "G",
        message(b"d", b"80\tx\n") + COPY_DONE,
        SYNC,
        "Z",
    ),
    "copy in by parse that fails": (
        whole("copy a from stdin") + FLUSH,
        "G",
        message(b"f", b"no more\0") + SYNC,
        "Z",
        query("create table after (id int)"),
        "Z",
    ),
    "copy out": (query("copy a to stdout"), "Z", whole("copy (select 1) to stdout") + SYNC, "Z"),
    "copy in a batch": (
        query("create table cb (id int, t text); copy cb from stdin; copy cb to stdout; insert into cb values (3, '')"),
        "G",
        ROWS + COPY_DONE,
        "Z",
    ),
    "copy in a transaction": (
        query("begin"),
        "Z",
        query("copy a from stdin"),
        "G",
        message(b"d", b"90\tx\n") + COPY_DONE,
        "Z",
        query("commit"),
        "Z",
    ),
    "flush instead of sync": (
        parse("create table f (id int)") + bind() + execute() + FLUSH,
        "C",
        parse("insert into f values (1)") + bind() + execute() + FLUSH,
        "C",
        SYNC,
        "Z",
    ),
    "notices": (
        query("drop table if exists nothing"),
        "Z",
        query("do $$ begin raise notice 'one'; raise warning 'two'; end $$"),
        "Z",
        query("do $$ begin raise notice 'in'; end $$; do $$ begin raise notice 'batch'; end $$"),
        "Z",
    ),
    "listen and notify": (query("listen l") + query("notify l, 'x'") + query("create table ln (id int)"), "ZZZ"),
    "repeatable read keeps its snapshot": (
        query("begin isolation level repeatable read"),
        "Z",
        query("lock a in share mode")
        + query("select count(*) from a")
        + query("create table rr (id int)")
        + query("commit"),
        "ZZZZ",
    ),
    "cursors": (
        query("begin") + query("declare c cursor for select * from a order by id") + query("fetch 1 from c"),
        "ZZZ",
        query("create table cu (id int)") + query("fetch all from c") + query("close c") + query("commit"),
        "ZZZZ",
    ),
    "two-phase names are only words": (
        query("prepare s as select 1") + query("execute s") + query("commit prepared 'x'"),
        "ZZZ",
    ),
    "unknown portal and statement": (bind("nobody") + execute() + SYNC, "Z", execute("nobody") + SYNC, "Z"),
}


@pytest.fixture(scope="module")
def pair(lasting_database: Callable[..., DatabaseUrl]) -> tuple[DatabaseUrl, DatabaseUrl]:
    """Two databases."""
    return lasting_database(), lasting_database()


@pytest.fixture
def two(pair: tuple[DatabaseUrl, DatabaseUrl]) -> tuple[DatabaseUrl, DatabaseUrl]:
    """Two databases that are the same."""
    for url in pair:
        with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
            connection.execute("drop schema public cascade; create schema public")
            connection.execute("create table a (id int primary key, name text)")
            connection.execute("insert into a select g, g from generate_series(1, 5) g")
    return pair


@pytest.mark.parametrize("case", CASES)
def test_every_answer_is_the_same(case: str, two: tuple[DatabaseUrl, DatabaseUrl]) -> None:
    with Client(url=two[0]) as direct:
        expected = direct.talk(*CASES[case])
    with Recorder(two[1]) as recorder:
        with Client(url=recorder.url) as through:
            assert through.talk(*CASES[case]) == expected
        recording = recorder.recording()
    assert recording.sound
    assert len({each.number for each in recording.statements}) == len(recording.statements)


@pytest.mark.parametrize("case", CASES)
def test_without_looks_every_byte_goes_on_as_it_came(case: str) -> None:
    """So it is on a live database."""
    sent = [step for step in CASES[case] if isinstance(step, bytes)]
    book = Book(lambda: pytest.fail("nobody is asked"))
    outside = Watcher(lambda: pytest.fail("nobody is watched"), lambda statement: None).on(book)
    session = Session(Tally(book, Log()), version=180_000, look=False, outside=outside)
    for step in sent:
        session.from_tool(step)
        session.from_server(message(b"C", b"CREATE INDEX\0") + message(b"Z", b"I"))
        session.settle()
    assert bytes(session.to_server) == b"".join(sent)


def test_a_session_that_is_gone_is_watched_no_longer(recorder: Recorder, database: DatabaseUrl) -> None:
    build = "create index concurrently on old (n)"
    with psycopg.connect(**database.conninfo()) as holder:
        holder.execute("insert into old values (0, 'held')")
        client = Client(url=recorder.url)
        client.sock.sendall(query(build))
        wait_until(watchers)
        client.sock.close()  # killed: nothing is said
        wait_until(lambda: not watchers())
    cut_off = recorder.recording().statements[-1]
    assert (cut_off.sql, cut_off.tag, cut_off.ending) == (build, None, Ending.OPEN)


def watchers() -> list[str]:
    """The threads that look at a statement from outside."""
    return [thread.name for thread in threading.enumerate() if "(_look)" in thread.name]
