"""Rows that are changed along a key: each exactly once, whoever writes beside and however often it is broken off."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest
from fixtures.runs import Runs, backfill, plan_of, started, transaction, wait_until

from planning.conftest import migration
from planning.conftest import plan_of as planned
from watari.errors.stopped import StatementFailed
from watari.evidence.event import Event, EventKind
from watari.evidence.run import RunState
from watari.planning.plan import StepKind
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

ROWS = 40_000
WRITERS = 3


@pytest.fixture(autouse=True)
def table(connection: psycopg.Connection) -> None:
    connection.execute(
        "create table t (day date, id uuid default gen_random_uuid(), n int not null check (n < 1000), primary key (day, id))"
    )
    connection.execute(
        "insert into t (day, n) select date '2026-01-01' + g %% 90, 0 from generate_series(1, %s) g", [ROWS]
    )
    connection.execute("analyze t")


@contextmanager
def application(url: DatabaseUrl, began: threading.Event) -> Iterator[list[str]]:
    """Once it `began`: inserts rows of n = 500 everywhere, touches rows that were there without changing n, and deletes some of its own."""
    stop, failures = threading.Event(), []
    drawn = random.Random(7)

    def work() -> None:
        began.wait(30)
        with psycopg.connect(**url.conninfo(), autocommit=True) as own:
            while not stop.is_set():
                try:
                    own.execute("insert into t (day, n) values (date '2026-01-01' + %s, 500)", [drawn.randrange(90)])
                    own.execute(
                        "update t set n = n where day = date '2026-01-01' + %s and n < 5", [drawn.randrange(90)]
                    )
                except psycopg.Error as failure:
                    failures.append(repr(failure))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield failures
    finally:
        stop.set()
        thread.join()


def test_every_row_that_was_there_is_changed_once_and_no_other(connection, database, runs: Runs, ask):
    plan = planned(read_catalog(connection), migration("001", "update t set n = n + 1"))
    assert [step.kind for step in plan.steps][1] is StepKind.BACKFILL and plan.steps[1].backfill.key == ("day", "id")
    began = threading.Event()

    def listen(event: Event) -> None:
        if event.kind is EventKind.STEP_ENDED:
            began.set()

    with application(database, began) as failures:
        run = runs(plan, events=listen)
    assert run.state is RunState.DONE and failures == []
    (changed, unchanged, new) = ask(
        "select count(*) filter (where n = 1), count(*) filter (where n = 0), count(*) filter (where n = 500) from t"
    )[0]
    assert (changed, unchanged) == (ROWS, 0) and new > 0
    assert ask("select count(*) from t where n not in (1, 500)") == [(0,)]
    assert ask("select count(*) from pg_trigger where not tgisinternal") == [(0,)]


def is_past(ask, part: float) -> bool:
    return ask("select count(*) from t where n > 0")[0][0] > ROWS * part


def test_killed_again_and_again_each_row_is_still_changed_once(database, runs: Runs, ask, tmp_path):
    plan = plan_of(backfill("public.t", "n", "n + 1", "true", key=("day", "id")))
    for part in (0.1, 0.3, 0.6):
        with started(database, plan, tmp_path) as process:
            wait_until(partial(is_past, ask, part))
            process.send_signal(signal.SIGKILL)
            process.wait()
    runs(plan)
    assert ask("select n, count(*) from t group by 1") == [(1, ROWS)]


def test_rows_are_deleted_along_the_key(runs: Runs, ask):
    half = backfill("public.t", "", "", "day < '2026-02-01'", key=("day", "id"), delete=True)
    runs(plan_of(half))
    assert ask("select count(*), min(day)::text from t where day < '2026-02-15'")[0][1] == "2026-02-01"


def test_a_row_that_fails_stops_it_half_way_and_it_goes_on_when_mended(connection, runs: Runs, ask):
    connection.execute("update t set n = 999 where day = '2026-03-01'")
    plan = plan_of(backfill("public.t", "n", "n + 1", "true", key=("day", "id")), transaction("select 1"))
    with pytest.raises(StatementFailed):
        runs(plan)
    assert 0 < ask("select count(*) from t where n = 1")[0][0] < ROWS
    connection.execute("update t set n = 0 where n = 999")
    runs(plan)
    assert ask("select n, count(*) from t group by 1") == [(1, ROWS)]


class Book:
    """A writer on rows of its own that writes down what it wrote: the mirror that the table has to equal afterwards."""

    def __init__(self, url: DatabaseUrl, number: int) -> None:
        self._url, self._number = url, number
        self.rows: dict[int, str] = {}  # what each of its rows says
        self.fresh: set[int] = set()

    def work(self, stop: threading.Event) -> None:
        drawn = random.Random(self._number)
        own = list(range(self._number, ROWS + 1, WRITERS))
        self.rows = dict.fromkeys(own, "")
        place = ROWS + 1 + self._number
        with psycopg.connect(**self._url.conninfo(), autocommit=True) as connection:
            while not stop.is_set():
                row = drawn.choice(own)
                connection.execute("update m set word = %s where id = %s", [f"w{place}", row])
                self.rows[row] = f"w{place}"
                connection.execute("insert into m (id, n, word) values (%s, 500, 'new')", [place])
                self.rows[place] = "new"
                self.fresh.add(place)
                own.append(place)
                gone = own.pop(drawn.randrange(len(own)))
                connection.execute("delete from m where id = %s", [gone])
                del self.rows[gone]
                place += WRITERS


def test_with_writers_everywhere_every_row_is_as_their_mirror_and_one_statement_say(
    connection, database, runs: Runs, ask
):
    """A row from before is changed once, a new one never, and nothing that the writers wrote is lost."""
    connection.execute("create table m (id bigint primary key, n int, word text not null default '')")
    connection.execute("insert into m (id, n) select g, g from generate_series(1, %s) g", [ROWS])
    connection.execute("analyze m")
    plan = planned(read_catalog(connection), migration("001", "update m set n = n + 1000000"))
    assert plan.steps[1].backfill.key == ("id",)
    stop, began = threading.Event(), threading.Event()

    def listen(event: Event) -> None:
        if event.kind is EventKind.STEP_ENDED:
            began.set()

    books = [Book(database, number) for number in range(1, WRITERS + 1)]
    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(lambda book=book: began.wait(30) and book.work(stop)) for book in books]
        try:
            assert runs(plan, events=listen).state is RunState.DONE
        finally:
            began.set()
            stop.set()
        for each in writing:
            each.result()
    expected = {
        id: (500 if id in book.fresh else id + 1_000_000, word) for book in books for id, word in book.rows.items()
    }
    assert {id: (n, word) for id, n, word in ask("select id, n, word from m")} == expected
    assert any(book.fresh for book in books)
