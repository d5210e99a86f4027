"""A column is renamed while the application of before and that of after are at work: no statement fails, no value is lost."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from bench.going_back import filled
from bench.mirrored import CONNECTIONS, Compared, compare
from watari.crossing import Crossing
from watari.crossing.keeping import kept_things, release
from watari.demo.application import Application
from watari.demo.loading import drop_database
from watari.errors.stopped import DeploymentAwaited
from watari.evidence.run import RunState
from watari.postgres.embedded import EmbeddedServer
from watari.project.settings import load as load_project
from watari.project.url import DatabaseUrl

ROWS = 20_000
_CHANGE = "ALTER TABLE ledger RENAME COLUMN amount TO total;\n"
_MORE = "CREATE UNIQUE INDEX ledger_amount ON ledger (amount, id); CREATE INDEX ledger_account ON ledger (account) INCLUDE (amount);"


@pytest.fixture
def ledger(server: EmbeddedServer) -> Iterator[DatabaseUrl]:
    name = f"both_{os.getpid()}"
    url = filled(server.url(), name, ROWS)
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        own.execute(_MORE)
    yield url
    drop_database(server.url(), name)


@pytest.fixture
def crossing(ledger: DatabaseUrl, tmp_path: Path) -> Callable[[str], Crossing]:
    """The project with the one migration, under settings of its policy."""

    def make(settings: str) -> Crossing:
        folder = tmp_path / "project"
        (folder / "migrations").mkdir(parents=True, exist_ok=True)
        (folder / "migrations" / "001_change.up.sql").write_text(_CHANGE, encoding="utf-8")
        text = f'[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\n{settings}\n'
        (folder / "watari.toml").write_text(text, encoding="utf-8")
        project = load_project(folder, environ={"DATABASE_URL": ledger.reveal().reveal()})
        (target,) = project.targets()
        return Crossing(project, target)

    return make


@contextmanager
def at_work(url: DatabaseUrl, version: str, notes: Path) -> Iterator[Application]:
    """Half of the connections, by one version of the application; not one of its statements fails."""
    work, half = f"bench.mirrored:{version}", CONNECTIONS // 2
    application = Application.start(url, orders=ROWS, connections=half, work=work, notes=notes)
    try:
        yield application
    finally:
        recording = application.stop()
    whole = recording.between(0, time.monotonic())
    assert whole.errors == {}, version
    assert whole.operations > 50


def unequal(url: DatabaseUrl) -> int:
    with psycopg.connect(**url.conninfo()) as own:
        row = own.execute("select count(*) from ledger where amount is distinct from total").fetchone()
    assert row is not None
    return row[0]


def columns(url: DatabaseUrl) -> list[str]:
    with psycopg.connect(**url.conninfo()) as own:
        query = "select attname::text from pg_attribute where attrelid = 'ledger'::regclass and attnum > 0 and not attisdropped"
        return [name for (name,) in own.execute(query + " order by attnum")]


def run_of(url: DatabaseUrl) -> str:
    with psycopg.connect(**url.conninfo()) as own:
        row = own.execute("select id from watari.run").fetchone()
    assert row is not None
    return str(row[0])


def held(found: Compared) -> bool:
    return found.written > 20 and (found.lost_rows, found.lost_writes) == (0, 0)


def test_both_versions_work_from_the_exchange_until_the_old_name_is_let_go(ledger, crossing, tmp_path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    line = crossing("keep = 3600")
    with ExitStack() as deployed:
        with at_work(ledger, "Bookkeeper", old):
            line.apply(line.plan())
            deployed.enter_context(at_work(ledger, "Successor", new))
            time.sleep(1)
            assert columns(ledger) == ["id", "account", "total", "note", "amount"]
            assert unequal(ledger) == 0
        release(line, kept_things(line))
        time.sleep(0.5)
    assert columns(ledger) == ["id", "account", "total", "note"]
    assert held(compare(ledger, old, new, rows=ROWS, column="total"))


def test_a_run_stops_until_the_new_version_is_out_and_ends_as_written(ledger, crossing, tmp_path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    line = crossing("keep = 0\npause_for_deployments = true")
    with ExitStack() as deployed:
        with at_work(ledger, "Bookkeeper", old):
            with pytest.raises(DeploymentAwaited, match="says total for column"):
                line.apply(line.plan())
            deployed.enter_context(at_work(ledger, "Successor", new))
            time.sleep(0.5)
            assert unequal(ledger) == 0
        line = crossing("keep = 0\npause_for_deployments = true")
        plan = line.unfinished()
        assert plan is not None and line.apply(plan, deployed=True).state is RunState.DONE
        time.sleep(0.5)
    assert columns(ledger) == ["id", "account", "total", "note"]
    assert held(compare(ledger, old, new, rows=ROWS, column="total"))


@pytest.mark.parametrize("settings", ["keep = 3600", "keep = 0\npause_for_deployments = true"], ids=["kept", "paused"])
def test_going_back_before_the_old_name_is_let_go_keeps_what_both_wrote(ledger, crossing, tmp_path, settings) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    line = crossing(settings)
    with at_work(ledger, "Bookkeeper", old):
        with suppress(DeploymentAwaited):
            line.apply(line.plan())
        with at_work(ledger, "Successor", new):
            time.sleep(0.5)
        line = crossing(settings)
        back = line.way_back(run=run_of(ledger))
        assert back is not None and back.plan.losses == ()
        line.roll_back(back)
        time.sleep(0.5)
    assert columns(ledger) == ["id", "account", "amount", "note"]
    assert held(compare(ledger, old, new, rows=ROWS))
