"""Rows brought to a value in batches: each once, resumable, and proved at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fixtures.runs import backfill, plan_of, started, transaction, wait_until

from watari.errors.stopped import BackfillUnproven, PatienceSpent, StatementFailed
from watari.evidence.event import EventKind
from watari.evidence.run import RunState
from watari.execution import history
from watari.execution.backfill.pace import TARGET, Pace
from watari.execution.backfill.parts import Part, Parts
from watari.project.policy import Policy

ROWS = 60_000


@pytest.fixture(autouse=True)
def table(connection) -> None:
    connection.execute("create table t (id int primary key, n int, filled int, times int default 0)")
    connection.execute("insert into t (id, n) select g, g from generate_series(1, %s) g", [ROWS])
    connection.execute("analyze t")


def fill(**fields):
    from dataclasses import replace

    step = backfill("public.t", "filled", "n", "filled is null", **fields)
    both = (("filled", "n"), ("times", "times + 1"))
    return replace(step, backfill=replace(step.backfill, assignments=both))


def test_every_row_is_done_once_and_the_step_says_how_many(runs, ask):
    run = runs(plan_of(fill()))
    assert run.state is RunState.DONE
    assert ask("select count(*) from t where filled = n and times = 1") == [(ROWS,)]
    assert run.steps[0].effects[0].rows == ROWS
    progress = runs.told(EventKind.PROGRESS)
    assert progress[-1].data["done"] == progress[-1].data["total"] and progress[-1].data["rate"] > 0


def test_rows_of_partitions_and_children_are_done_too(runs, ask, connection):
    connection.execute(
        "create table p (id int, n int, filled int) partition by range (id); "
        "create table p1 partition of p for values from (0) to (100); "
        "create table p2 partition of p for values from (100) to (1000); "
        "insert into p select g, g from generate_series(0, 999) g; "
        "create table child () inherits (t); insert into child (id, n) select g, g from generate_series(1, 500) g"
    )
    runs(plan_of(backfill("public.p", "filled", "n", "filled is null"), fill(migration="002")))
    assert ask("select count(*) from p where filled = n") == [(1000,)]
    assert ask("select count(*) from t where filled = n") == [(ROWS + 500,)]


def test_a_row_that_somebody_holds_is_put_off_and_done_later(runs, ask, database):
    with psycopg.connect(**database.conninfo(), application_name="checkout") as other:
        other.execute("update t set n = n where id in (100, 30000)")
        timer = threading.Timer(5.0, other.rollback)
        timer.start()
        run = runs(plan_of(fill()))
        timer.join()
    assert run.state is RunState.DONE
    assert ask("select count(*) from t where filled = n and times = 1") == [(ROWS,)]
    assert any("checkout" in line for event in runs.told(EventKind.LOCK_WAIT) for line in event.data["blockers"])


def test_patience_with_a_held_row_ends_and_the_next_start_does_the_rest(runs, ask, database):
    runs.policy = Policy(lock_budget=3)
    plan = plan_of(fill())
    with psycopg.connect(**database.conninfo(), application_name="checkout") as other:
        other.execute("update t set n = n where id = 100")
        with pytest.raises(PatienceSpent, match="checkout"):
            runs(plan)
    done = ask("select count(*) from t where filled = n")[0][0]
    assert 0 < done < ROWS
    run = runs(plan)
    assert run.state is RunState.DONE and run.steps[0].attempts == 2
    assert ask("select count(*) from t where filled = n and times = 1") == [(ROWS,)]


def test_a_backfill_whose_process_is_killed_goes_on_from_its_checkpoint(runs, ask, connection, database, tmp_path):
    connection.execute(
        "create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.001); return new; end $$; "
        "create trigger slowly before update on t for each row when (old.id > 25000) execute function slowly()"
    )
    plan = plan_of(fill())
    with started(database, plan, tmp_path):
        far = "select coalesce(max((checkpoint->>'page')::int), 0) > 50 from watari.step"
        wait_until(lambda: ask("select to_regclass('watari.step')")[0][0] and ask(far)[0][0])
    connection.execute("drop trigger slowly on t")
    before = ask("select count(*) from t where times = 1")[0][0]
    run = runs(plan)
    assert 0 < before < ROWS and run.steps[0].attempts == 2
    states = [attempt.state for attempt in history.attempts(connection)]
    assert states == ["interrupted", "done"]
    assert ask("select count(*) from t where filled = n and times = 1") == [(ROWS,)]
    pages = [event.data["done"] for event in runs.told(EventKind.PROGRESS)]
    assert pages[0] > 50, "it began at the checkpoint"


def test_rows_that_move_away_and_come_in_meanwhile_are_found_by_the_proof(runs, ask, database):
    stop = threading.Event()

    def application() -> None:
        with psycopg.connect(**database.conninfo(), autocommit=True) as own:
            for number in range(ROWS + 1, ROWS + 3000):
                if stop.is_set():
                    return
                own.execute("insert into t (id, n) values (%s, %s)", [number, number])
                own.execute("update t set n = n where id = %s", [number - ROWS])

    def listen(event) -> None:
        if event.kind is EventKind.PROGRESS and event.data["done"] == event.data["total"]:
            stop.set()

    thread = threading.Thread(target=application)
    thread.start()
    runs(plan_of(fill()), events=listen)
    stop.set()
    thread.join()
    assert ask("select count(*) from t where filled is null") == [(0,)]


def test_rows_that_never_get_their_value_stop_the_run_with_a_count(runs, ask, connection):
    connection.execute(
        "create function stubborn() returns trigger language plpgsql as $$ begin new.filled := null; return new; end $$; "
        "create trigger stubborn before update on t for each row when (old.id <= 3) execute function stubborn()"
    )
    plan = plan_of(fill())
    with pytest.raises(BackfillUnproven, match="3 rows of"):
        runs(plan)
    connection.execute("drop trigger stubborn on t")
    assert runs(plan).state is RunState.DONE


def test_a_value_that_does_not_fit_stops_the_run_with_the_servers_reason(runs, ask, connection):
    connection.execute("alter table t add constraint small check (filled < 50000)")
    with pytest.raises(StatementFailed, match="small"):
        runs(plan_of(fill()))
    assert ask("select count(*) > 0 from t where filled is not null") == [(True,)]


def test_an_index_on_the_column_does_not_lead_the_server_astray(runs, ask, connection):
    """The server believes that no row lacks a value, because the column had one when it was analysed."""
    connection.execute("create index on t (filled); update t set filled = 0; analyze t; update t set filled = null")
    run = runs(plan_of(fill()))
    assert run.state is RunState.DONE
    scans = ask("select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where indexrelname = 't_filled_idx'")
    assert scans == [(0,)]


def test_the_session_is_as_before_when_a_backfill_is_done(runs, ask):
    settings = "select name, setting from pg_settings where name in ('jit', 'enable_indexscan', 'synchronous_commit', 'lock_timeout') order by 1"
    step = transaction(f"create table seen as {settings}", migration="002")
    runs(plan_of(fill(), step))
    default_jit = ask("select reset_val from pg_settings where name = 'jit'")[0][0]
    assert dict(ask("select * from seen")) == {
        "enable_indexscan": "on",
        "jit": default_jit,
        "lock_timeout": "50",
        "synchronous_commit": "on",
    }


def test_the_pace_follows_the_time_that_a_batch_takes():
    pace = Pace(rows_per_page=50)
    for _ in range(20):
        rows = pace.pages * 50
        pace.note(pages=pace.pages, rows=rows, seconds=rows * 10e-6)
    assert abs(pace.pages * 50 * 10e-6 - TARGET) < TARGET / 4
    pace.note(pages=pace.pages, rows=pace.pages * 50, seconds=1.0)
    assert pace.pages * 50 * 10e-6 < TARGET / 2


def test_pages_that_need_nothing_do_not_make_the_next_batch_a_long_one():
    pace = Pace(rows_per_page=50)
    for _ in range(20):
        pace.note(pages=pace.pages, rows=pace.pages * 50, seconds=pace.pages * 50 * 10e-6)
    steady = pace.pages
    for _ in range(100):
        pace.note(pages=pace.pages, rows=0, seconds=0.0001)
    assert pace.pages <= steady * 1.2


def test_a_busy_machine_is_not_answered_with_ever_smaller_batches() -> None:
    pace = Pace(rows_per_page=120)
    for _ in range(50):
        pace.note(pages=pace.pages, rows=pace.pages * 120, seconds=0.04 + pace.pages * 120 * 10e-6)
    assert 900 <= pace.pages * 120 <= 1100


@contextmanager
def old_snapshot(database) -> Iterator[None]:
    """Somebody's report: while it lasts, no version of a row that it could still see is given up."""
    with psycopg.connect(**database.conninfo()) as other:
        other.execute("set transaction isolation level repeatable read")
        other.execute("select count(*) from t")
        yield


def test_dead_rows_and_rows_that_found_no_room_are_told_with_what_to_do(runs, connection, database):
    connection.execute("alter table t set (autovacuum_enabled = off)")
    with old_snapshot(database):
        runs(plan_of(fill()))
    told = [event.data["message"] for event in runs.told(EventKind.NOTICE)]
    assert any("dead rows are left" in words and "autovacuum is off" in words for words in told), told
    assert any("fillfactor" in words for words in told), told


def test_rows_with_room_in_their_pages_stay_there_and_nothing_is_told_of_it(runs, connection):
    connection.execute("alter table t set (fillfactor = 40, autovacuum_enabled = off)")
    connection.execute("create table u (like t including all) with (fillfactor = 40)")
    connection.execute("drop table t; alter table u rename to t")
    connection.execute("insert into t (id, n) select g, g from generate_series(1, %s) g", [ROWS])
    runs(plan_of(fill()))
    assert not any("fillfactor" in event.data["message"] for event in runs.told(EventKind.NOTICE))


_SIZE = "select pg_relation_size('t')"


@pytest.mark.parametrize("key", [(), ("id",)], ids=["by pages", "along the key"])
def test_rows_of_a_full_table_stay_in_their_pages_since_the_first_ones_make_room(key, runs, connection, ask):
    connection.execute("alter table t set (autovacuum_enabled = off)")
    connection.execute("vacuum (full, analyze) t")
    before = ask(_SIZE)[0][0]
    runs(plan_of(fill(key=key)))
    assert ask("select count(*) from t where filled = n and times = 1") == [(ROWS,)]
    assert ask(_SIZE)[0][0] < before * 1.75, "one UPDATE makes it twice as large"
    assert not any("fillfactor" in event.data["message"] for event in runs.told(EventKind.NOTICE))


@pytest.mark.parametrize("key", [(), ("id",)], ids=["by pages", "along the key"])
def test_every_row_is_done_once_where_no_row_can_stay_in_its_page(key, runs, database, ask):
    with old_snapshot(database):
        runs(plan_of(fill(key=key)))
    assert ask("select count(*) from t where filled = n and times = 1") == [(ROWS,)]


def test_rows_whose_key_has_no_hash_are_done_in_one_part(runs, connection, ask):
    connection.execute("create table b (place bit(20) primary key, n int, filled int)")
    connection.execute("insert into b select g::bit(20), g from generate_series(1, 3000) g; analyze b")
    runs(plan_of(backfill("public.b", "filled", "n", "filled is null", key=("place",))))
    assert ask("select count(*) from b where filled = n") == [(3000,)]


@pytest.mark.parametrize("type", ["int", "bigint", "text", "varchar(9)", "uuid", "numeric", "timestamptz", "date"])
def test_keys_of_every_type_are_walked_and_each_row_is_done_once(type, runs, connection, ask):
    """Those whose type has a hash of its own in four parts, the others in one."""
    value = {"uuid": "lpad(g::text, 32, '0')::uuid", "timestamptz": "timestamptz '2026-01-01' + g * interval '1 min'"}
    made = value.get(type, "date '2026-01-01' + g" if type == "date" else f"g::{type}")
    connection.execute(f"create table k (place {type} primary key, n int, filled int)")
    connection.execute(f"insert into k select {made}, g from generate_series(1, 9000) g; analyze k")  # noqa: S608
    runs(plan_of(backfill("public.k", "filled", "coalesce(filled, 0) + n", "true", key=("place",))))
    assert ask("select count(*) from k where filled = n") == [(9000,)]


def test_parts_that_one_of_them_gets_alone_are_given_up():
    """The last column of the key is the same in all rows."""
    parts = Parts(possible=True)
    for number in range(4):
        parts.note(Part(number=number, of=4), rows=5000 if number == 2 else 0, in_place=0)
    assert parts.now == 1


def ranges(parts: Parts, count: int, first: float, others: float) -> list[int]:
    """In how many parts so many ranges are done, where such shares of the rows stay in their pages."""
    seen = []
    for _ in range(count):
        seen.append(parts.now)
        for number in range(seen[-1]):
            share = others if number else first
            parts.note(Part(number=number, of=seen[-1]), rows=1000, in_place=round(1000 * share))
    return seen


def test_a_range_is_done_in_parts_for_as_long_as_rows_stay_in_their_pages_because_of_them():
    assert set(ranges(Parts(possible=True), 100, 0.0, 0.9)) == {4}
    assert set(ranges(Parts(possible=False), 10, 0.0, 0.9)) == {1}
    for first, others in ((0.0, 0.0), (1.0, 1.0), (0.8, 0.9)):
        seen = ranges(Parts(possible=True), 1000, first, others)
        assert seen[:2] == [4, 1] and 3 <= seen.count(4) <= 8, "tried again, ever more seldom"


def test_when_an_old_snapshot_is_gone_parts_are_found_worth_it_again():
    parts = Parts(possible=True)
    ranges(parts, 50, 0.0, 0.0)
    assert ranges(parts, 100, 0.0, 0.9)[-50:] == [4] * 50
