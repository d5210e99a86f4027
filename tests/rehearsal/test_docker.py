"""Clones in a container: a real daemon, or podman's service, which speaks the same API."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from fixtures.docker import IMAGE
from fixtures.runs import plan_of, transaction

from watari.errors.running import NoClone
from watari.evidence.event import ignore
from watari.rehearsal.clones import make_clone
from watari.rehearsal.content import content
from watari.rehearsal.engine import Engine, EngineRefused, _without_frames, last_complaint
from watari.rehearsal.source import Elsewhere, look_at

#: One daemon at a time: two of podman's services share their locks.
pytestmark = pytest.mark.xdist_group("docker")

PLAN = plan_of(transaction("select 1"))


@contextmanager
def session(url) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**url.conninfo(), autocommit=True) as opened:
        yield opened


@pytest.fixture
def source(connection):
    connection.execute(
        "create table t (id int primary key, note text); insert into t select g, md5(g::text) from generate_series(1, 2000) g;"
        "analyze t"
    )
    connection.close()


def clone(url, rows="all", image=IMAGE, way="docker"):
    return make_clone(look_at(url, PLAN, content(rows, ()), Elsewhere(image=image)), way=way, events=ignore)


def test_a_clone_in_a_container_is_whole_asks_for_a_password_and_goes(docker, database, source):
    with clone(database) as copy:
        (container,) = docker.labelled("watari.clone")
        assert container.labels["watari.clone"] == database.database and container.labels["watari.made"]
        told = docker._ask("GET", f"/containers/{container.id}/json")
        assert copy.url.password.reveal() not in str(told)
        with session(copy.url) as there, session(database) as own:
            digest = "select count(*), md5(string_agg(t::text, '|' order by id)) from t"
            assert there.execute(digest).fetchone() == own.execute(digest).fetchone()
            assert there.info.parameter_status("server_version") == "18.6"
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(**{**copy.url.conninfo(), "password": "guess"})
    assert docker.labelled("watari.clone") == ()


def test_a_container_without_rows_plans_as_the_full_database(docker, database, source):
    with clone(database, "none") as copy, session(copy.url) as there:
        assert copy.rowless is not None
        copy.rowless.begin()
        (line,) = there.execute("explain select * from t where note > ''").fetchone()
        assert "rows=2000 " in line and there.execute("select count(*) from t").fetchone() == (0,)


def test_an_image_that_is_named_is_taken_before_a_server_made_here(docker, database, source):
    with clone(database, "50%", way=None) as copy:
        assert copy.way == "docker"


def test_containers_of_killed_rehearsals_go_and_those_in_use_stay(docker, database, source):
    child = os.fork()
    if child == 0:
        try:
            clone(database)
            os.kill(os.getpid(), signal.SIGKILL)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    (left,) = docker.labelled("watari.clone")
    with clone(database) as copy:
        (used,) = docker.labelled("watari.clone")
        assert used.id != left.id
        with clone(database, "none"), session(copy.url) as there:
            assert there.execute("select count(*) from t").fetchone() == (2000,)
    assert docker.labelled("watari.clone") == ()


def test_an_image_that_is_not_there_is_named(docker, database, source):
    with pytest.raises(NoClone, match=r"docker pull nobody/has:this"):
        clone(database, image="nobody/has:this")


def test_a_container_that_ends_at_once_says_why(docker, database, source, monkeypatch):
    monkeypatch.setattr("watari.rehearsal.clones.docker._QUICK", {"fsync": "perhaps"})
    with pytest.raises(NoClone, match=r'invalid value for parameter "fsync"|requires a Boolean'):
        clone(database)
    assert docker.labelled("watari.clone") == ()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("unix:///nowhere/docker.sock", "no Docker daemon at unix:///nowhere/docker.sock"),
        ("tcp://127.0.0.1:1", "no Docker daemon at tcp://127.0.0.1:1"),
        ("ssh://host", "on another machine"),
        ("tcp://other.example:2375", "on another machine"),
    ],
)
def test_without_a_daemon_that_way_is_closed(address, why, database, source, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(NoClone, match=why):
        clone(database)
    if address.startswith("unix"):
        with pytest.raises(EngineRefused):
            Engine.named().labelled("watari.clone")


def test_lines_of_a_container_come_in_frames():
    # Engine API 1.41, "Attach to a container", stream format
    assert _without_frames(b"\x01\0\0\0\0\0\0\x03ab\n\x02\0\0\0\0\0\0\x02c\n") == b"ab\nc\n"
    assert _without_frames(b"plain, of a terminal\n") == b"plain, of a terminal\n"
    assert last_complaint("one\nFATAL: two\nthree\n") == "FATAL: two" and last_complaint("") == "it said nothing"
