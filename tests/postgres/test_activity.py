"""Who is in the way is named, whoever it is: a session, a prepared transaction, a dump, the server's own vacuum."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from watari.catalog import LockMode, Name
from watari.locale import Language
from watari.postgres.activity import (
    Blocker,
    blockers_of,
    busy_sessions,
    connections,
    holders,
    old_snapshots,
    shown_query,
)
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")
T = Name("public", "t")


@pytest.fixture
def url(database: DatabaseUrl) -> DatabaseUrl:
    with psycopg.connect(**database.conninfo(), autocommit=True) as session:
        session.execute("create table t (id int primary key, x text); insert into t values (1, 'a'), (2, 'b')")
        session.execute("create table u (id int)")
    return database


@pytest.fixture
def watcher(url: DatabaseUrl) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**url.conninfo(), autocommit=True) as session:
        yield session


def until(answer: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    for _ in range(200):
        if found := answer():
            return found
        time.sleep(0.02)
    raise AssertionError("nothing happened")


@contextmanager
def waiting(url: DatabaseUrl, statement: str) -> Iterator[int]:
    """A session that runs (and so waits in) `statement`; gives its process id."""
    session = psycopg.connect(**url.conninfo(), autocommit=True)
    pid = session.info.backend_pid

    def run() -> None:
        with suppress(psycopg.Error):
            session.execute(statement)  # type: ignore[arg-type]

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield pid
    finally:
        session.cancel_safe()
        thread.join()
        session.close()


def test_an_idle_transaction_is_named_with_its_lock(url: DatabaseUrl, watcher: psycopg.Connection) -> None:
    with psycopg.connect(**url.conninfo(), application_name="shop") as other:
        other.execute("update t set x = 'c' where id = 1")
        (one,) = holders(watcher, [T], LockMode.SHARE)
        assert one.pid == other.info.backend_pid and one.application == "shop" and one.granted
        assert (one.relation, one.mode) == (T, "RowExclusiveLock")
        assert one.transaction_age is not None and one.transaction_age >= 0
        told = one.message.render(Language.EN)
        assert f"pid {one.pid}" in told and "ROW EXCLUSIVE on public.t" in told and "update t set x" in told
        assert "ROW EXCLUSIVE ロックを保持" in one.message.render(Language.JA)
        assert holders(watcher, [T], LockMode.ACCESS_SHARE) == ()
        assert holders(watcher, [Name("public", "u")], LockMode.ACCESS_EXCLUSIVE) == ()
        assert holders(watcher, [T], LockMode.SHARE, ours=[other.info.backend_pid]) == ()


def test_who_queues_before_is_in_the_way_too(url: DatabaseUrl, watcher: psycopg.Connection) -> None:
    with psycopg.connect(**url.conninfo()) as reader:
        reader.execute("select * from t")
        with waiting(url, "alter table t add column y int") as pid:
            found = until(lambda: [b for b in holders(watcher, [T], LockMode.ACCESS_SHARE) if b.pid == pid])
            assert not found[0].granted
            assert "waits for ACCESS EXCLUSIVE" in str(found[0])


def test_the_blockers_of_a_waiting_process(url: DatabaseUrl, watcher: psycopg.Connection) -> None:
    with psycopg.connect(**url.conninfo(), application_name="shop") as reader:
        reader.execute("select * from t")
        with waiting(url, "alter table t add column y int") as pid:
            (one,) = until(lambda: blockers_of(watcher, pid))
            assert one.pid == reader.info.backend_pid
            assert (one.relation, one.mode, one.state) == (T, "AccessShareLock", "idle in transaction")
            with waiting(url, "select * from t") as behind:
                (ahead,) = until(lambda: blockers_of(watcher, behind))
                assert ahead.pid == pid and not ahead.granted
    assert blockers_of(watcher, watcher.info.backend_pid) == ()


def test_a_waiter_for_a_row_is_told_whose_transaction_it_is(url: DatabaseUrl, watcher: psycopg.Connection) -> None:
    with psycopg.connect(**url.conninfo()) as writer:
        writer.execute("update t set x = 'c' where id = 1")
        with waiting(url, "update t set x = 'd' where id = 1") as pid:
            (one,) = until(lambda: blockers_of(watcher, pid))
            assert one.pid == writer.info.backend_pid
            assert "transaction open" in str(one)


@pytest.mark.parametrize("bin_folder", [None, DEBIAN_15], ids=["18", "15"])
def test_a_prepared_transaction_has_no_process_and_a_name(scratch: Path, bin_folder: Path | None) -> None:
    if bin_folder and not bin_folder.exists():
        pytest.skip("PostgreSQL 15 is not installed")
    folder, settings = scratch / f"prepared{bin_folder is None}", {"max_prepared_transactions": "4"}
    with (
        EmbeddedServer.start(folder, settings=settings, bin_folder=bin_folder) as own,
        psycopg.connect(**own.url().conninfo(), autocommit=True) as watcher,
    ):
        watcher.execute("create table t (id int primary key); insert into t values (1)")
        with psycopg.connect(**own.url().conninfo(), autocommit=True) as other:
            for statement in ("begin", "delete from t", "prepare transaction 'left behind'"):
                other.execute(statement)  # type: ignore[arg-type]
        (held,) = holders(watcher, [T], LockMode.ACCESS_EXCLUSIVE)
        assert held.pid is None and held.prepared == "left behind" and held.user == "postgres"
        assert "ROLLBACK PREPARED" in str(held)
        with waiting(own.url(), "alter table t add column y int") as pid:
            (one,) = until(lambda: blockers_of(watcher, pid))
            assert one.prepared == "left behind" and one.relation == T
        assert [b.prepared for b in old_snapshots(watcher)] == ["left behind"]
        watcher.execute("rollback prepared 'left behind'")


def test_old_snapshots_are_those_a_concurrent_build_waits_for(url: DatabaseUrl, watcher: psycopg.Connection) -> None:
    with (
        psycopg.connect(**url.conninfo(), application_name="report") as report,
        psycopg.connect(**url.conninfo(), application_name="idle") as idle,
    ):
        report.execute("set transaction isolation level repeatable read")
        report.execute("select * from u")
        idle.execute("select 1")  # READ COMMITTED: between statements it has no snapshot
        assert [b.application for b in old_snapshots(watcher)] == ["report"]
        assert old_snapshots(watcher, older_than=3600) == ()
        assert old_snapshots(watcher, ours=[report.info.backend_pid]) == ()
        with waiting(url, "create index concurrently i on t (x)") as pid:
            found = until(lambda: [b for b in blockers_of(watcher, pid) if b.application == "report"])
            assert found[0].pid == report.info.backend_pid


def test_a_dump_is_recognised(url: DatabaseUrl, watcher: psycopg.Connection, tmp_path: Path) -> None:
    program = tool("pg_dump", at_least=watcher.info.server_version // 10000).path
    with psycopg.connect(**url.conninfo()) as locker:
        locker.execute("lock table t in access exclusive mode")  # the dump begins and waits here
        environment = {**url.child_environment()}
        dump = subprocess.Popen([program, "-f", "/dev/null"], env=environment, stderr=subprocess.DEVNULL)
        try:
            found = until(lambda: [b for b in holders(watcher, [T], LockMode.ACCESS_EXCLUSIVE) if b.dump])
            assert "pg_dump" in str(found[0]) and not found[0].granted
        finally:
            dump.terminate()
            dump.wait()


def test_a_vacuum_against_wraparound_is_told_apart() -> None:
    # it cannot be made to last long enough on a test's table, so the row is written by hand
    def vacuum(query: str) -> Blocker:
        return Blocker(
            pid=1, user=None, application="", kind="autovacuum worker", state="active", query=query,
            transaction_age=3.0, relation=T, mode="ShareUpdateExclusiveLock",
        )  # fmt: skip

    assert vacuum("autovacuum: VACUUM public.t (to prevent wraparound)").wraparound
    assert "does not give way" in str(vacuum("autovacuum: VACUUM public.t (to prevent wraparound)"))
    assert not vacuum("autovacuum: VACUUM ANALYZE public.t").wraparound
    assert "gives way" in str(vacuum("autovacuum: VACUUM ANALYZE public.t"))


def test_connections_are_counted(url: DatabaseUrl, watcher: psycopg.Connection) -> None:
    before = connections(watcher)
    with psycopg.connect(**url.conninfo()) as open_, psycopg.connect(**url.conninfo()):
        open_.execute("lock table t")
        with waiting(url, "select * from t"):
            now = until(lambda: (c := connections(watcher)).waiting_for_lock and c)
            assert now.total == before.total + 3
            assert (now.idle_in_transaction, now.waiting_for_lock, now.active) == (1, 1, 1)
            assert now.allowed == 100 and now.reserved == 3
            assert now.free == before.free - 3
    watcher.execute(f"alter database {url.database} connection limit 7")  # type: ignore[arg-type]
    assert until(lambda: connections(watcher).free == 6)


def test_busy_sessions(url: DatabaseUrl, watcher: psycopg.Connection) -> None:
    with psycopg.connect(**url.conninfo(), application_name="shop") as other:
        other.execute("select * from t")
        (one,) = [b for b in busy_sessions(watcher) if b.application == "shop"]
        assert one.state == "idle in transaction" and one.query == "select * from t"


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("select  1,\n  2", "select 1, 2"),
        ("ALTER ROLE app PASSWORD 'x'", "ALTER ROLE …"),
        ("x" * 500, "x" * 119 + "…"),
    ],
)
def test_queries_are_shown_on_one_line_without_passwords(query: str, shown: str) -> None:
    assert shown_query(query) == shown
