"""Disk, memory, time and patience run out: a named state, a clear error, and a start that completes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Folder
from fixtures.proxy import Network
from fixtures.runs import Runs, exclusive, index, plan_of, transaction

from watari.errors.stopped import MemorySpent, OutOfTime, RunStopped, ServerSpent
from watari.evidence.run import RunState
from watari.execution import history
from watari.postgres.embedded import EmbeddedServer
from watari.project.policy import Policy


@pytest.fixture(scope="module")
def small_disk() -> Iterator[Path]:
    """A file system of its own, 30 MB, that a tablespace can be on; the server's own files are elsewhere."""
    if os.geteuid() != 0:
        pytest.skip("a small file system can be mounted by root only")
    folder = Path(tempfile.mkdtemp(prefix="watari-test-"))
    folder.chmod(0o755)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=30m,mode=0777", "watari-test", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
        folder.rmdir()


@pytest.fixture
def cramped(server: EmbeddedServer, small_disk: Path, new_database) -> Iterator[Runs]:
    """A database whose tables stand on the small disk, beside a file that can be taken away."""
    place = small_disk / "space"
    place.mkdir()
    shutil.chown(place, server.data.stat().st_uid, server.data.stat().st_gid)
    url = new_database()
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        own.execute(f"create tablespace watari_small location '{place}'")
        own.execute("create table t (id int, pad text) tablespace watari_small")
        own.execute("insert into t select g, repeat('x', 200) from generate_series(1, 40000) g")
    yield Runs(url)
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        own.execute("drop table t")
        own.execute("drop tablespace watari_small")
    shutil.rmtree(place)


def fill(disk: Path) -> Path:
    """Takes all but a little of what is free."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    ballast.write_bytes(b"x" * max(0, free - 2_000_000))
    return ballast


@pytest.mark.parametrize("kind", ["rewrite", "index"])
def test_a_full_disk_stops_the_run_with_nothing_left_and_the_next_start_completes(kind, cramped, small_disk):
    step = {
        "rewrite": transaction("alter table t alter column id type bigint", as_written="db/1.sql:1"),
        "index": index("t_pad", "create index concurrently t_pad on t ((pad || id)) tablespace watari_small"),
    }[kind]
    ballast = fill(small_disk)
    plan = plan_of(step)
    with pytest.raises(ServerSpent, match="53100") as stopped:
        cramped(plan)
    assert "No space left" in str(stopped.value) and int(stopped.value.status) == 5
    with psycopg.connect(**cramped.url.conninfo(), autocommit=True) as own:
        assert own.execute("select state from watari.run").fetchall() == [("stopped",)]
        assert own.execute("select to_regclass('t_pad')").fetchall() == [(None,)], "nothing half-built is left"
    ballast.unlink()
    assert cramped(plan).state is RunState.DONE


LARGE = {
    "index": "create index t_pad on t (pad, id) tablespace watari_small;\n",
    "rows": "alter table t alter column id type bigint;\n",
}


@pytest.mark.parametrize("change", LARGE)
@pytest.mark.parametrize("looked_at", [True, False], ids=["looked at", "not looked at"])
def test_the_program_on_a_full_disk_stops_in_a_named_state_and_goes_on_when_there_is_room(
    change, looked_at, cramped, small_disk, tmp_path
):
    """Before the step where the disk is looked at, and with the server's own error where it is not."""
    folder = Folder(tmp_path, cramped.url)
    policy = "small_table_rows = 100\n" + ("" if looked_at else "disk_margin = 0\n")
    folder.write(
        "watari.toml", f'[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\n{policy}'
    )
    folder.write("migrations/001_large.sql", LARGE[change])
    with psycopg.connect(**cramped.url.conninfo(), autocommit=True) as own:
        own.execute("analyze t")
        before = own.execute("select count(*), sum(id), sum(length(pad)) from t").fetchall()
        ballast = fill(small_disk)
        stopped = folder.watari("apply", "--yes")
        assert stopped.status == 5, stopped.err
        assert ("MB are free" in stopped.err and str(small_disk) in stopped.err) is looked_at, stopped.err
        assert ("No space left" in stopped.err) is not looked_at, stopped.err
        assert own.execute("select state from watari.run").fetchall() == [("stopped",)]
        assert folder.watari("apply", "--yes").status == 5, "still full"
        ballast.unlink()
        done = folder.watari("apply", "--yes")
        assert done.status == 0, done.err
        assert own.execute("select count(*) from pg_index where not indisvalid").fetchall() == [(0,)]
        assert own.execute("select count(*), sum(id), sum(length(pad)) from t").fetchall() == before
        assert own.execute("select count(*), min(state) from watari.run").fetchall() == [(1, "done")]
    assert folder.watari("verify").status == 0


def test_a_statement_that_takes_too_long_names_the_limit_and_the_next_start_completes(runs, ask, connection):
    connection.execute("create table t (id int); create table go (id int)")
    slow = "do $$ begin if not exists (select from go) then perform pg_sleep(30); end if; end $$"
    runs.policy = Policy(moment_timeout=0.3)
    plan = plan_of(transaction("alter table t add column n int", slow, effects=(exclusive("public.t"),)))
    with pytest.raises(OutOfTime, match=r"0\.3 s") as stopped:
        runs(plan)
    assert "moment_timeout" in str(stopped.value.advice) and ask("select state from watari.run") == [("stopped",)]
    connection.execute("insert into go values (1)")
    assert runs(plan).state is RunState.DONE


def test_a_statement_that_somebody_cancels_is_not_taken_for_one_that_took_too_long(runs, connection, database):
    connection.execute("create table t (id int)")
    cancel = "select pg_cancel_backend(pg_backend_pid()), pg_sleep(5)"
    with pytest.raises(RunStopped, match="user request"):
        runs(plan_of(transaction("alter table t add column n int", cancel, effects=(exclusive("public.t"),))))


def test_a_server_without_memory_for_a_statement_stops_the_run(runs, ask, connection):
    connection.execute("create table go (id int)")
    huge = "do $$ begin if not exists (select from go) then perform length(repeat('x', 2000000000)); end if; end $$"
    plan = plan_of(transaction("create table a (id int)", huge + " "), transaction("create table b ()", migration="2"))
    with pytest.raises(RunStopped):
        runs(plan)
    assert ask("select to_regclass('a'), state from watari.run") == [(None, "stopped")]
    connection.execute("insert into go values (1)")
    assert runs(plan).state is RunState.DONE


def limited(url, plan) -> None:
    """A run whose process may take 350 MB of addresses more than it has: threads alone take some."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 350_000_000,) * 2)
    Runs(url)(plan)


def test_answers_that_do_not_fit_into_memory_are_passed_over_as_they_come(database, connection, tmp_path):
    """600 MB come back to a program that may take 500 MB of addresses, itself included."""
    folder = Folder(tmp_path, database)
    folder.write("migrations/001_much.sql", "select repeat('x', 10000000) from generate_series(1, 60);\n")
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (500_000_000, before[1]))
    try:
        answer = folder.watari("apply", "--yes")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    assert answer.status == 0, answer.err
    assert history.runs(connection)[0].state is RunState.DONE


def test_a_runner_whose_own_memory_is_spent_stops_in_a_named_state(database, connection):
    """One value that is larger than what the process may take."""
    connection.execute("create table go (id int)")
    query = "select repeat('x', 400000000) where not exists (select from go)"
    plan = plan_of(transaction("create table a (id int)"), transaction(query, migration="002"))
    Network(database).carry(lambda url: limited(url, plan))
    found = history.runs(connection)[0]
    assert found.state is RunState.STOPPED and '"0002.1"' in (found.error or "")
    connection.execute("insert into go values (1)")
    assert Runs(database)(plan).state is RunState.DONE


def test_memory_that_runs_out_in_the_program_itself_is_a_sentence(runs, ask, monkeypatch):
    from watari.execution.steps import transaction as kind

    def spent(step, execution):
        raise MemoryError

    plan = plan_of(transaction("create table a (id int)"))
    monkeypatch.setattr(kind, "execute", spent)
    with pytest.raises(MemorySpent):
        runs(plan)
    monkeypatch.undo()
    assert ask("select state from watari.run") == [("stopped",)]
    assert runs(plan).state is RunState.DONE
