"""A backfill gives way to what it would harm, and does what a person tells it while it runs."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.runs import Runs, backfill, plan_of, wait_until

from faults.test_server import pair
from watari.errors.stopped import BackfillHeldUp
from watari.errors.usage import NoUnfinishedRun
from watari.evidence.event import EventKind
from watari.evidence.run import Run, RunState
from watari.execution.steering import steer
from watari.postgres.embedded import EmbeddedServer
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl

ROWS = 20_000
PLAN = plan_of(backfill("public.t", "filled", "n", "filled is null"))
TABLE = (
    "create table t (id int primary key, n int, filled int) with (autovacuum_enabled = off); "
    "insert into t (id, n) select g, g from generate_series(1, 20000) g; "
    # each tenth row takes a millisecond, so that there is time to interfere
    "create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.001); return new; end $$; "
    "create trigger slowly before update on t for each row when (old.id % 10 = 0 and new.filled is not null) "
    "execute function slowly()"
)
DONE = "select count(*) from t where filled = n"


@pytest.fixture(autouse=True)
def table(connection: psycopg.Connection) -> None:
    connection.execute(TABLE)
    connection.execute("analyze t")


def notices(runs: Runs) -> list[str]:
    return [str(event.data["message"]) for event in runs.told(EventKind.NOTICE)]


def says(runs: Runs, words: str) -> bool:
    return any(words in line for line in notices(runs))


@contextmanager
def going(runs: Runs) -> Iterator[Future[Run]]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(runs, PLAN)


def wish(connection: psycopg.Connection, *, paused: bool | None = None, speed: float | None = None) -> None:
    steer(connection, None, paused=paused, speed=speed, usual=1.0, by="night shift")


def test_a_person_pauses_it_changes_its_speed_and_lets_it_go_on(runs: Runs, connection, ask):
    with going(runs) as run:
        wait_until(lambda: runs.told(EventKind.PROGRESS))
        wish(connection, paused=True)
        wait_until(lambda: says(runs, "paused by night shift"))
        standing = ask(DONE)
        time.sleep(0.6)
        assert ask(DONE) == standing != [(ROWS,)] and not run.done()
        wish(connection, paused=False, speed=0.5)
        assert run.result().state is RunState.DONE
    assert says(runs, "50 % of its speed")
    assert ask(DONE) == [(ROWS,)]


def test_a_pause_outlives_the_process_and_holds_the_next_start(runs: Runs, connection, ask):
    connection.execute("alter table t add constraint small check (filled < 10000)")
    with pytest.raises(Exception, match="small"):
        runs(PLAN)
    connection.execute("alter table t drop constraint small")
    wish(connection, paused=True)
    standing = ask(DONE)
    with going(runs) as run:
        wait_until(lambda: says(runs, "paused by"))
        assert ask(DONE) == standing
        wish(connection, paused=False)
        assert run.result().state is RunState.DONE


def test_nobody_pauses_what_does_not_run(runs: Runs, connection):
    with pytest.raises(NoUnfinishedRun):
        wish(connection, paused=True)
    runs(PLAN)
    with pytest.raises(NoUnfinishedRun):
        wish(connection, speed=0.5)


def test_it_slows_down_while_others_wait_for_its_locks(runs: Runs, database: DatabaseUrl):
    with going(runs) as run, psycopg.connect(**database.conninfo(), autocommit=True) as application:
        drawn = random.Random(7)
        while not run.done():
            application.execute("update t set n = n where id = any(%s)", [drawn.sample(range(1, ROWS + 1), 20)])
    assert run.result().state is RunState.DONE
    assert says(runs, "wait for the backfill's locks")


def test_it_slows_down_while_the_application_answers_late(runs: Runs, connection):
    connection.execute("create table delay as select 0.2 as seconds")
    sql = "select pg_sleep(seconds) from delay"
    runs.policy = Policy(canary_sql=sql, canary_every=0.01, backfill_latency=0.1, backfill_speed=0.5)
    with going(runs) as run:
        wait_until(lambda: says(runs, "the application answers in") or run.done())
        connection.execute("update delay set seconds = 0")
        assert run.result().state is RunState.DONE
    assert says(runs, "the application answers in 0.2")


def test_dead_rows_are_waited_out_until_a_vacuum_has_been(runs: Runs, connection, ask):
    runs.policy = Policy(backfill_dead=0.1, lock_budget=60)
    with going(runs) as run:
        wait_until(lambda: says(runs, "are dead rows"))
        assert ask(DONE) != [(ROWS,)]
        while not run.done():
            connection.execute("vacuum t")
            time.sleep(0.1)
    assert run.result().state is RunState.DONE


def test_what_does_not_recover_within_the_budget_stops_it_and_the_next_start_goes_on(runs: Runs, ask):
    runs.policy = Policy(backfill_dead=0.05, lock_budget=0.5)
    with pytest.raises(BackfillHeldUp, match="dead rows"):
        runs(PLAN)
    assert 0 < ask(DONE)[0][0] < ROWS
    runs.policy = Policy()
    assert runs(PLAN).state is RunState.DONE
    assert ask(DONE) == [(ROWS,)]


@pytest.fixture
def place() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="watari-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_wal_that_cannot_be_archived_is_waited_for(place: Path):
    room = place / "room"
    settings = {"archive_mode": "on", "archive_command": f"test -e {room}"}
    with (
        EmbeddedServer.start(place / "server", settings=settings) as server,
        psycopg.connect(**server.url().conninfo(), autocommit=True) as admin,
    ):
        admin.execute(TABLE)
        admin.execute("select pg_switch_wal()")
        wait_until(lambda: admin.execute("select failed_count > 0 from pg_stat_archiver").fetchone() == (True,))
        runs = Runs(server.url())
        runs.policy = Policy(backfill_archive=1_000_000, lock_budget=60)
        with going(runs) as run:
            wait_until(lambda: says(runs, "of WAL wait to be archived"))
            assert not run.done()
            room.touch()
            while not run.done():
                admin.execute("select pg_switch_wal()")
                time.sleep(0.2)
        assert run.result().state is RunState.DONE
        assert admin.execute(DONE).fetchone() == (ROWS,)


@pytest.mark.xdist_group("server faults")
def test_a_standby_that_is_behind_is_waited_for(place: Path):
    with (
        pair(place / "pair") as (primary, url, folder),
        EmbeddedServer.start(folder, trust=True) as second,
        psycopg.connect(**primary.url(url.database).conninfo(), autocommit=True) as admin,
        psycopg.connect(**second.url().conninfo(), autocommit=True) as reader,
    ):
        wait_until(lambda: admin.execute("select count(*) from pg_stat_replication").fetchone() == (1,))
        admin.execute(TABLE)
        runs = Runs(url)
        runs.policy = Policy(backfill_lag=0.5, replica_lag=0, lock_budget=60, backfill_speed=0.5)
        with going(runs) as run:
            wait_until(lambda: runs.told(EventKind.PROGRESS))
            reader.execute("select pg_wal_replay_pause()")
            wait_until(lambda: says(runs, "behind (backfill_lag is 0.5 s)") or run.done())
            assert not run.done(), "it ended before the standby was behind"
            reader.execute("select pg_wal_replay_resume()")
            assert run.result().state is RunState.DONE
        assert admin.execute(DONE).fetchone() == (ROWS,)


def test_the_command_says_what_it_did_and_refuses_what_is_no_speed(folder: Folder, connection):
    folder.write("migrations/001_fill.sql", "update t set filled = n where filled is null;\n")
    refused = folder.watari("runs", "--speed", "0")
    assert refused.status == 2 and "between 1 and 100" in refused.err
    assert folder.watari("runs", "--pause").status == 2
    connection.execute("alter table t add constraint small check (filled < 10000)")
    assert folder.watari("apply", "--yes").status == 5
    paused = folder.watari("runs", "--pause", "--speed", "40")
    assert paused.status == 0 and "paused" in paused.err + paused.out
    resumed = folder.watari("runs", "1", "--resume", "--json").document
    assert resumed["speed"] == 0.4 and resumed["paused"] is False
