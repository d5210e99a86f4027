"""The server around a database, as a real one tells it: standbys, slots, checksums, collations; and that the harm is there."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.odd_servers import VERSIONS
from fixtures.program import Folder
from fixtures.runs import wait_until

from watari.catalog import Catalog
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.live_facts import with_live_facts
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.risk.hazard import Hazard, Level
from watari.risk.judge import judge
from watari.sql import Script

TABLE = """create table t (id int primary key, note text); insert into t select n, repeat('x', 100) from generate_series(1, 20000) n;
           analyze t"""


def facts(connection: psycopg.Connection) -> Catalog:
    return with_live_facts(connection, read_catalog(connection))


def found(connection: psycopg.Connection, rule: str, text: str) -> list[Hazard]:
    """What one rule says of a script on the facts of now."""
    statements = Script(file="a.sql", data=text.encode()).statements
    judgement = judge([(None, statements, False)], facts(connection), Policy(small_table_rows=100))
    return [hazard for hazard in judgement.hazards if hazard.rule == rule]


def opened(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(**server.url().conninfo(), autocommit=True)


@pytest.fixture(scope="module", params=VERSIONS)
def pair(
    request: pytest.FixtureRequest, server_of: Callable[[str], EmbeddedServer], scratch: Path
) -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    """A primary with a large table, and a standby that was made by copying its files while it stood still."""
    programs = server_of(request.param).bin_folder
    folder = scratch / f"around-{request.param}"
    settings = {"wal_level": "logical", "full_page_writes": "on", "max_prepared_transactions": "5"}
    with EmbeddedServer.start(folder / "one", bin_folder=programs, trust=True, scratch=scratch) as first:
        with opened(first) as admin:
            admin.execute(TABLE)
        first.stop(clean=True)
    two = folder / "two"
    two.mkdir(mode=0o755)
    shutil.copytree(folder / "one" / "data", two / "data")
    (two / "data" / "standby.signal").touch()
    for path in (two, *two.rglob("*")) if os.geteuid() == 0 else ():
        os.chown(path, 65534, 65534)
    with EmbeddedServer.start(folder / "one", bin_folder=programs, trust=True, settings=settings) as primary:
        address = f"host=127.0.0.1 port={primary.port} user=postgres application_name=replica"
        follow = {**settings, "primary_conninfo": address, "hot_standby_feedback": "on",
                  "max_standby_streaming_delay": "2s", "wal_receiver_status_interval": "1s", "wal_retrieve_retry_interval": "200ms"}  # fmt: skip
        with EmbeddedServer.start(two, bin_folder=programs, trust=True, settings=follow) as standby:
            with opened(primary) as admin:
                wait_until(lambda: bool(facts(admin).cluster.standbys))
            yield primary, standby
    shutil.rmtree(folder, ignore_errors=True)


def caught_up(admin: psycopg.Connection) -> bool:
    query = "select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_lsn()"
    return admin.execute(query).fetchone() == (1,)


def test_a_reader_on_the_standby_waits_as_soon_as_the_primary_has_the_lock(pair) -> None:
    primary, standby = pair
    with opened(primary) as admin, opened(standby) as reader, opened(primary) as other:
        (told,) = found(admin, "repl-standby-readers", "alter table t alter id type bigint")
        assert told.level is Level.WARN and told.facts["standbys"] == ["replica"]
        assert not found(admin, "repl-standby-readers", "create index on t (id)")
        reader.execute("set lock_timeout = '300ms'")
        wait_until(lambda: caught_up(other))
        admin.execute("begin; lock table t in share row exclusive mode; create table seen (a int)")
        assert reader.execute("select count(*) from t").fetchone() == (20000,)
        admin.execute("rollback; begin; alter table t alter id type bigint")

        def waits() -> bool:
            try:
                reader.execute("select count(*) from t")
            except psycopg.errors.LockNotAvailable:
                return True
            return False

        wait_until(waits)
        admin.execute("rollback")


def test_an_old_query_on_the_standby_is_seen_and_killed_by_the_lock(pair) -> None:
    primary, standby = pair
    with opened(primary) as admin, opened(standby) as reader:
        assert not found(admin, "repl-standby-conflict", "alter table t add later text")
        ended: list[psycopg.Error] = []

        def read() -> None:
            try:
                reader.execute("select count(pg_sleep(0.01)) from t")
            except psycopg.Error as error:
                ended.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        try:
            admin.execute("do $$ begin for n in 1..1100 loop perform pg_current_xact_id(); commit; end loop; end $$")
            wait_until(lambda: bool(found(admin, "repl-standby-conflict", "alter table t add later text")))
            (told,) = found(admin, "repl-standby-conflict", "alter table t add later text")
            assert told.level is Level.WARN and told.facts["snapshot_age"] >= 1_000
            admin.execute("alter table t add later text")
            thread.join(timeout=30)
        finally:
            reader.cancel()
            thread.join()
        assert [error.sqlstate for error in ended] == ["40001"]


def test_a_replay_that_stands_still_is_seen(pair) -> None:
    primary, standby = pair
    with opened(primary) as admin, opened(standby) as reader:
        wait_until(lambda: caught_up(admin))
        reader.execute("select pg_wal_replay_pause()")
        try:

            def told() -> bool:
                admin.execute("select pg_current_xact_id(); checkpoint")
                return bool(found(admin, "repl-standby-conflict", "alter table t add later text"))

            wait_until(told, seconds=20)
        finally:
            reader.execute("select pg_wal_replay_resume()")


def test_an_idle_slot_keeps_what_a_rewrite_writes(pair, tmp_path: Path) -> None:
    primary, _ = pair
    with opened(primary) as admin:
        assert not found(admin, "repl-slot-holds-wal", "update t set note = ''")
        admin.execute("select pg_create_physical_replication_slot('forgotten', true)")
        try:
            before = facts(admin).cluster.slots[0].retained
            admin.execute("update t set note = note || '!'")
            after = facts(admin).cluster.slots[0].retained
            assert after - before > facts(admin).tables[next(iter(facts(admin).tables))].bytes / 3
            folder = Folder(tmp_path, primary.url())
            folder.write("one.sql", "UPDATE t SET note = note || '?';\nUPDATE t SET note = '' WHERE id = 1;\n")
            hazards = folder.watari("check", "one.sql", "--json").document["hazards"]
            (told,) = [hazard for hazard in hazards if hazard["rule"] == "repl-slot-holds-wal"]
            assert told["line"] == 1 and told["level"] == "warn" and told["facts"]["slot"] == "forgotten"
            assert "forgotten" in told["safer"]
            doctor = folder.watari("doctor")
            assert "forgotten" in doctor.out
        finally:
            admin.execute("select pg_drop_replication_slot('forgotten')")


def test_a_commit_without_its_synchronous_standby_never_ends(pair, tmp_path: Path) -> None:
    primary, _ = pair
    with opened(primary) as admin, opened(primary) as worker:
        assert not found(admin, "repl-sync-standby", "alter table t add b int")
        admin.execute("alter system set synchronous_standby_names = 'nobody'")
        admin.execute("select pg_reload_conf()")
        wait_until(lambda: facts(admin).settings["synchronous_standby_names"] == "nobody")
        thread = threading.Thread(target=worker.execute, args=["create table waits (id int)"])
        thread.start()
        try:
            waiting = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'"
            wait_until(lambda: admin.execute(waiting).fetchone() == (1,))
            (told,) = found(admin, "repl-sync-standby", "set lock_timeout = 1; create table b (a int); drop table b")
            assert told.level is Level.BLOCK and told.line == 1
            folder = Folder(tmp_path, primary.url())
            folder.write("migrations/001_b.sql", "ALTER TABLE t ADD COLUMN b int;")
            refused = folder.watari("apply", "--yes")
            assert refused.status == 4 and "repl-sync-standby" in refused.err
        finally:
            admin.execute("alter system reset synchronous_standby_names")
            admin.execute("select pg_reload_conf()")
            thread.join(timeout=30)


def test_the_first_reading_of_fresh_rows_writes_them_to_wal_where_there_are_checksums(pair) -> None:
    primary, _ = pair
    with opened(primary) as admin:
        written = "update t set note = note || '.'; alter table t add constraint c check (id > 0)"
        told = found(admin, "repl-checksum-wal", written)
        with_vacuum = "update t set note = note || '.'; vacuum t; alter table t add constraint c check (id > 0)"
        assert not found(admin, "repl-checksum-wal", with_vacuum)
        admin.execute("create table fresh as select * from t")
        admin.execute("checkpoint")
        here = admin.execute("select pg_current_wal_insert_lsn()").fetchone()[0]
        admin.execute("select count(*) from fresh")
        query = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)::int, pg_table_size('fresh')::int"
        wal, size = admin.execute(query, [here]).fetchone()
        checksums = admin.execute("show data_checksums").fetchone() == ("on",)
        assert bool(told) is checksums and (wal > size / 2) is checksums
        admin.execute("drop table fresh")


def test_a_collation_of_another_version_is_seen(server_of, pair) -> None:
    primary, _ = pair
    with opened(primary) as admin:
        major = facts(admin).major
        way = "provider = builtin, locale = 'C.UTF-8'" if major >= 17 else "provider = icu, locale = 'de'"
        try:
            admin.execute(f"create collation wandering ({way})")
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("this server has no collation with a version")
        admin.execute("create table named (a text collate wandering, b text)")
        admin.execute("create index named_a on named (a)")
        text = "create index on named (lower(b)); create unique index on named (b, a)"
        assert facts(admin).cluster.stale_collations == () and not found(admin, "index-collation-version", text)
        admin.execute("update pg_collation set collversion = '0' where collname = 'wandering'")
        (told,) = found(admin, "index-collation-version", text)
        assert told.facts == {"collation": "public.wandering", "indexes": ["public.named_a"]}
        admin.execute("reindex index named_a; " + told.safer.rpartition("\n")[2])
        assert not found(admin, "index-collation-version", text)
        admin.execute("drop table named; drop collation wandering")


def test_the_order_of_the_database_itself(pair) -> None:
    primary, _ = pair
    with opened(primary) as admin:
        major = facts(admin).major
        if major < 15:
            pytest.skip("a database has had a version since 15")
        way = "builtin builtin_locale 'C.UTF-8'" if major >= 17 else "icu icu_locale 'de'"
        try:
            admin.execute(f"create database moved template template0 locale_provider {way}")
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("this server has no collation with a version")
        with psycopg.connect(**primary.url("moved").conninfo(), autocommit=True) as moved:
            moved.execute("create table t (id int, name text, at timestamp)")
            assert not found(moved, "index-collation-version", "create index on t (name)")
            moved.execute("update pg_database set datcollversion = '0' where datname = 'moved'")
            assert found(moved, "index-collation-version", "create index on t (name)")
            assert not found(moved, "index-collation-version", "create index on t (id, at)")
        admin.execute("drop database moved with (force)")


def test_a_prepared_transaction_is_told_by_doctor(pair, tmp_path: Path) -> None:
    primary, _ = pair
    with opened(primary) as admin:
        admin.execute("begin; lock table t in access exclusive mode; prepare transaction 'forgotten'")
        try:
            folder = Folder(tmp_path, primary.url())
            folder.write("migrations/001_a.sql", "SELECT 1;")
            answer = folder.watari("doctor")
            assert answer.status == 1 and "ROLLBACK PREPARED 'forgotten'" in answer.out
        finally:
            admin.execute("rollback prepared 'forgotten'")


def test_what_a_role_may_not_see_is_nothing(pair) -> None:
    primary, _ = pair
    with opened(primary) as admin:
        admin.execute("create role blind login")
        with psycopg.connect(**primary.url().conninfo() | {"user": "blind"}, autocommit=True) as blind:
            assert facts(blind).cluster is not None and facts(blind).cluster.standbys == ()
        admin.execute("drop role blind")
