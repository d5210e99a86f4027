"""The server stops at once at any moment, or another one takes its place: the next start ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from fixtures.proxy import Network
from fixtures.runs import wait_until

from faults.cases import Case, Undisturbed, state
from faults.kinds import KINDS, SCHEMA
from watari.evidence.run import RunState
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl

pytestmark = pytest.mark.xdist_group("server faults")

_SEED = int(os.environ.get("WATARI_SEED", "20261127"))
#: Of everything that a crash can lose: objects, rows, builds, batches, and many transactions that did not wait for the disk.
_CRASHED = (
    "many tables",
    "add column that another one fills",
    "unique",
    "index concurrently",
    "integer to bigint",
    "copy",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="watari-test-"))
    made.chmod(0o777)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def prepared(server: EmbeddedServer) -> DatabaseUrl:
    """The database that every case begins from, as a template."""
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute("create database template_of_faults")
    url = server.url("template_of_faults")
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        own.execute(SCHEMA.encode())
        own.execute("analyze")
    return url


class Mortal:
    """A server that can be stopped at once and started again on the same port, with new databases on it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self.server = EmbeddedServer.start(folder, trust=True, settings={"wal_writer_delay": "10s"})
        self.template = prepared(self.server)

    def new(self, _: str = "") -> DatabaseUrl:
        self._made += 1
        with psycopg.connect(**self.server.url().conninfo(), autocommit=True) as admin:
            admin.execute(f"create database c{self._made} template template_of_faults")
        return self.server.url(f"c{self._made}")

    def crash(self) -> None:
        """Immediate: no checkpoint, and nothing is written any more."""
        self.server.stop()

    def start(self) -> None:
        self.server = EmbeddedServer.start(self._folder, trust=True, port=self.server.port)


@pytest.fixture(scope="module")
def mortal(folder) -> Iterator[Mortal]:
    made = Mortal(folder / "mortal")
    yield made
    made.server.stop()


@pytest.fixture(scope="module")
def undisturbed(mortal) -> Undisturbed:
    return Undisturbed(mortal.template, mortal.new)


def crash_and_resume(kind: str, share: float, mortal: Mortal, undisturbed: Undisturbed) -> None:
    case, messages, expected = undisturbed(kind)
    at = int(share * messages)
    url = mortal.new()
    Network(url, at, strike=mortal.crash).carry(case.run)
    mortal.start()
    assert case.run(url).state is RunState.DONE
    assert state(url) == expected, f"{kind}: the server crashed after message {at} of {messages}"


@pytest.mark.parametrize("kind", _CRASHED)
def test_a_server_that_stops_at_once_at_some_point_loses_nothing(kind, mortal, undisturbed):
    crash_and_resume(kind, random.Random(f"{_SEED} {kind}").uniform(0.3, 1.0), mortal, undisturbed)


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_stops_at_once_at_many_points_loses_nothing(kind, mortal, undisturbed):
    drawn = random.Random(f"{_SEED} all {kind}")
    for _ in range(5):
        crash_and_resume(kind, drawn.random(), mortal, undisturbed)


@contextmanager
def pair(folder: Path) -> Iterator[tuple[EmbeddedServer, DatabaseUrl, Path]]:
    """A primary, the database of every case on it, and the folder of a standby that follows it."""
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with EmbeddedServer.start(folder / "primary", trust=True) as primary:
        url = prepared(primary)
        program = primary.bin_folder / "pg_basebackup"
        if not program.exists():
            pytest.skip("these server programs have no pg_basebackup")
        standby = folder / "standby"
        standby.mkdir(mode=0o755)
        identity = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        if identity:
            os.chown(standby, 65534, 65534)
        argv = [str(program), "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-R", "-X", "stream"]
        subprocess.run([*argv, "-c", "fast", "-D", str(standby / "data")], check=True, capture_output=True, **identity)
        yield primary, url, standby


def fail_over(case: Case, expected: tuple[object, ...], folder: Path, share: float, messages: int) -> None:
    """The primary dies in the middle, and its standby, which may lack the last moments, takes its place."""
    with pair(folder) as (primary, url, place), EmbeddedServer.start(place, trust=True) as standby:
        with psycopg.connect(**primary.url().conninfo(), autocommit=True) as admin:
            wait_until(lambda: admin.execute("select count(*) from pg_stat_replication").fetchone() == (1,))
        Network(url, int(share * messages), strike=primary.stop).carry(case.run)
        with psycopg.connect(**standby.url().conninfo(), autocommit=True) as admin:
            admin.execute("select pg_promote()")
            wait_until(lambda: admin.execute("select pg_is_in_recovery()").fetchone() == (False,))
        promoted = standby.url(url.database)
        assert case.run(promoted).state is RunState.DONE
        assert state(promoted) == expected


@pytest.mark.parametrize("kind", ["add column that another one fills"])
def test_a_standby_that_is_promoted_in_the_middle_goes_on_where_it_stands(kind, folder, undisturbed):
    case, messages, expected = undisturbed(kind)
    fail_over(case, expected, folder / "one", 0.6, messages)


@pytest.mark.full
@pytest.mark.parametrize("kind", _CRASHED)
def test_a_standby_is_promoted_at_many_points(kind, folder, undisturbed):
    case, messages, expected = undisturbed(kind)
    for number, share in enumerate((0.3, 0.5, 0.7, 0.9)):
        fail_over(case, expected, folder / f"{kind} {number}".replace(" ", "_"), share, messages)
