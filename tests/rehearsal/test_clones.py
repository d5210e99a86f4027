"""Copies are what the source is, for whom it is, and gone afterwards, even after a kill."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from fixtures.runs import plan_of, transaction

from watari.errors.programs import NoServerPrograms
from watari.evidence.event import ignore
from watari.execution.steps.create_database import maintenance
from watari.postgres.embedded import EmbeddedServer, binaries
from watari.project.secret import Secret
from watari.rehearsal.clones import make_clone, ways
from watari.rehearsal.clones.template import remove_leftovers
from watari.rehearsal.source import look_at

PLAN = plan_of(transaction("select 1"))


@pytest.fixture
def source(connection):
    connection.execute("create table t (id int); insert into t select generate_series(1, 100)")
    connection.close()


def clone(url, way):
    return make_clone(look_at(url, PLAN), way=way, events=ignore)


def clones(server) -> list[str]:
    with psycopg.connect(**server.url().conninfo()) as admin:
        return [name for (name,) in admin.execute("select datname from pg_database where datname like 'watari_clone%'")]


@contextmanager
def session(url) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**url.conninfo(), autocommit=True) as opened:
        yield opened


def test_the_cheapest_way_is_tried_first():
    assert [way.name for way in ways()] == ["template", "dump"]


@pytest.mark.parametrize("way", ["template", "dump"])
def test_a_copy_holds_the_rows_and_takes_no_changes_home(way, database, source):
    with clone(database, way) as copy, session(copy.url) as there:
        assert there.execute("delete from t returning id").rowcount == 100
    with session(database) as own:
        assert own.execute("select count(*) from t").fetchone() == (100,)


@pytest.mark.parametrize("way", ["template", "dump"])
def test_settings_of_the_database_go_with_it(way, database, source):
    with session(database) as own:
        own.execute(f"alter database {database.database} set search_path = app, public")
        own.execute(f"alter role postgres in database {database.database} set work_mem = '7MB'")
        own.execute(f"alter database {database.database} set application_name = 'it''s quoted'")
    with clone(database, way) as copy, session(copy.url) as there:
        assert there.execute("show search_path").fetchone() == ("app, public",)
        assert there.execute("show work_mem").fetchone() == ("7MB",)
        assert there.execute("show application_name").fetchone() == ("it's quoted",)


def test_in_the_throw_away_server_the_user_may_do_what_it_may_at_home(database, source):
    with session(database) as own:
        own.execute("drop role if exists watari_reader; drop role if exists watari_group")
        own.execute("create role watari_group; create role watari_reader login password 'r3ader' in role watari_group")
        own.execute("grant select on t to watari_group")
    url = replace(database, user="watari_reader", password=Secret("r3ader"))
    try:
        with clone(url, "dump") as copy, session(copy.url) as there:
            assert there.execute("select current_user, count(*) from t group by 1").fetchone() == ("watari_reader", 100)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                there.execute("alter table t add column n int")
    finally:
        with session(database) as own:
            own.execute("drop owned by watari_group; drop role watari_reader; drop role watari_group")


def test_a_throw_away_server_asks_for_a_password_and_is_gone_afterwards(database, source):
    with clone(database, "dump") as copy, pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(**{**copy.url.conninfo(), "password": "guess"})
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**copy.url.conninfo(), connect_timeout=2)


def test_clones_of_killed_rehearsals_go_and_those_in_use_stay(server, database, source):
    child = os.fork()
    if child == 0:
        try:
            clone(database, "template")
            os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    (left,) = clones(server)
    with clone(database, "template") as copy:
        assert clones(server) == [copy.url.database]
        with maintenance(database) as connection:
            assert remove_leftovers(connection) == ()
    assert clones(server) == [] and left != copy.url.database


def test_a_long_name_is_cut(new_database):
    url = new_database(name="ka" * 30)
    with clone(url, "template") as copy:
        assert copy.url.database.startswith("watari_clone_kaka") and len(copy.url.database) <= 63


def test_a_source_of_another_major_version_is_copied_into_its_own_kind(tmp_path):
    try:
        programs = binaries(major=15)
    except NoServerPrograms:
        pytest.skip("PostgreSQL 15 is not installed")
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest"):
            parent.chmod(0o755)
    with EmbeddedServer.start(tmp_path / "server", bin_folder=programs) as old:
        with session(old.url()) as own:
            own.execute("create database shop")
        with session(old.url("shop")) as own:
            own.execute("create table t (id int); insert into t values (1)")
            with clone(old.url("shop"), "dump") as copy, session(copy.url) as there:
                assert there.info.server_version // 10000 == 15
                assert there.execute("select * from t").fetchall() == [(1,)]


def test_a_copy_that_is_broken_off_leaves_nothing(server, database, source):
    with session(database) as own:
        own.execute("create table p (id int)")
        # somebody comes in between the look and the copy
        way = ways()[0]
        with pytest.raises(Exception, match="accessed by other users"):
            way.make(look_at(database, PLAN))
    assert clones(server) == []
