"""What a run looks at before it takes the next step: room on the disk, and standbys that fall behind."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.runs import Runs, plan_of, transaction, wait_until

from faults.test_server import pair
from watari.errors.stopped import StandbyBehind
from watari.evidence.event import EventKind
from watari.evidence.run import RunState
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.free_space import free_bytes
from watari.project.policy import Policy

pytestmark = pytest.mark.xdist_group("server faults")


@pytest.fixture
def large(folder: Folder, connection) -> Folder:
    connection.execute("create table t (id int primary key, n int, pad text default repeat('x', 300))")
    connection.execute("insert into t select g, g from generate_series(1, 50000) g")
    connection.execute("analyze t")
    folder.write("migrations/001_index.sql", "create index t_n on t (n);\n")
    return folder


def settings(folder: Folder, lines: str) -> None:
    folder.write(
        "watari.toml", f'[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\n{lines}\n'
    )


def test_a_plan_that_does_not_fit_on_the_disk_is_refused_before_anything_is_changed(large, connection):
    settings(large, 'free_space_sql = "select 1000000"')
    refused = large.watari("apply", "--yes")
    assert refused.status == 4, refused.err
    assert "1 MB are free" in refused.err and "disk" in refused.err
    assert connection.execute("select to_regclass('t_n'), to_regclass('watari.run')").fetchone() == (None, None)
    settings(large, 'free_space_sql = "select 100000000000"')
    assert large.watari("apply", "--yes").status == 0


def test_a_query_for_the_free_space_that_fails_is_named(large):
    settings(large, 'free_space_sql = "select free from monitoring"')
    refused = large.watari("apply", "--yes")
    assert refused.status == 2 and "free_space_sql" in refused.err and "monitoring" in refused.err


def test_on_the_servers_own_machine_its_file_system_is_asked(server, connection):
    import shutil

    found = free_bytes(connection, Policy(free_space=7))
    assert found is not None and found > 7
    assert abs(found - shutil.disk_usage(server.data).free) < 500_000_000


def test_where_nobody_can_look_the_setting_is_taken_or_it_is_unknown(server, database, connection):
    """A user who may not read the server's settings stands for a server elsewhere."""
    connection.execute("create role watari_blind login")
    try:
        with psycopg.connect(**replace(database, user="watari_blind").conninfo()) as blind:
            assert free_bytes(blind, Policy(free_space=7)) == 7
            assert free_bytes(blind, Policy()) is None
    finally:
        connection.execute("drop role watari_blind")


@pytest.fixture
def standby(tmp_path_factory):
    """A primary whose standby replays nothing as long as it is told to wait."""
    import shutil
    import tempfile
    from pathlib import Path

    place = Path(tempfile.mkdtemp(prefix="watari-test-"))
    place.chmod(0o777)
    with (
        pair(place / "pair") as (primary, url, folder),
        EmbeddedServer.start(folder, trust=True) as second,
        psycopg.connect(**primary.url().conninfo(), autocommit=True) as admin,
    ):
        wait_until(lambda: admin.execute("select count(*) from pg_stat_replication").fetchone() == (1,))
        yield admin, url, second
    shutil.rmtree(place, ignore_errors=True)


def test_a_standby_that_is_behind_is_named_and_waited_for(standby):
    admin, url, second = standby
    runs = Runs(url)
    runs.policy = Policy(replica_lag=0.5, lock_budget=1.5)
    plan = plan_of(transaction("create table a (id int)", waits_for_locks=True))
    with psycopg.connect(**second.url(url.database).conninfo(), autocommit=True) as reader:
        reader.execute("select pg_wal_replay_pause()")
        admin.execute("create table lagging (id int)")
        time.sleep(0.7)
        lag = "select coalesce(extract(epoch from replay_lag), 0) > 0.6 from pg_stat_replication"

        def behind() -> bool:
            admin.execute("insert into lagging values (1)")
            return admin.execute(lag).fetchone() == (True,)

        try:
            wait_until(behind, seconds=15)
        except AssertionError:
            pytest.skip("this server measures no lag while the replay is paused")
        with pytest.raises(StandbyBehind, match="walreceiver"):
            runs(plan)
        runs.policy = Policy(replica_lag=0.5, lock_budget=60)
        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(runs, plan)
            wait_until(lambda: any("behind" in e.data["message"] for e in runs.told(EventKind.WARNING)))
            reader.execute("select pg_wal_replay_resume()")
            assert going.result().state is RunState.DONE
