"""`watari apply` and `watari cross` killed or interrupted at any moment: the same command continues, and nobody can tell afterwards."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from fixtures.program import PROGRAM, Folder
from fixtures.real_histories import PrismaCli, copy_litellm

from journeys.comparing import asked, row_counts, same_schema, told
from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl

#: Ends of the program: at once, by Ctrl-C, by a polite kill.
KILLED, CTRL_C, ENDED = signal.SIGKILL, signal.SIGINT, signal.SIGTERM
#: What the interrupted program answers.
ANSWERS = {KILLED: {-KILLED}, CTRL_C: {130}, ENDED: {130}}


def begun(folder: Folder, *words: str) -> subprocess.Popen[bytes]:
    """Starts the program in the folder, as a shell starts a command in the foreground."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("WATARI_", "PG", "DATABASE_", "STAGING_"))}
    return subprocess.Popen(
        [str(PROGRAM), *words],
        cwd=folder.path,
        env={**clean, **folder.environ, "WATARI_LANG": "en"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # tests may run in the background, where a shell has Ctrl-C ignored
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def interrupted(
    folder: Folder, url: DatabaseUrl, number: signal.Signals, reached: str, value: int, *words: str
) -> None:
    """Runs the program until `reached` answers `value` or more, and ends it there."""
    program = begun(folder, *words)
    with psycopg.connect(**url.conninfo(), autocommit=True) as watching:
        for _ in range(20_000):
            if program.poll() is not None:
                break
            try:
                row = watching.execute(reached).fetchone()  # type: ignore[call-overload]
            except psycopg.errors.UndefinedTable:
                row = None
            if row is not None and row[0] >= value:
                program.send_signal(number)
                break
            time.sleep(0.002)
    said = program.communicate(timeout=60)[1].decode()
    assert program.returncode in ANSWERS[number], f"{program.returncode}: {said}"
    if number is not KILLED:
        assert "interrupted" in said and "Traceback" not in said, said
    gone(url)


def gone(url: DatabaseUrl) -> None:
    """Waits until the server has noticed that the program is no more."""
    others = "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    with connect(url, purpose="test") as session:
        for _ in range(1500):
            if session.execute(others).fetchone() is None:
                return
            time.sleep(0.02)
    raise AssertionError("sessions of the killed program are still there")


# -- plain SQL ---------------------------------------------------------------------------------------------------------

TABLES = 40
STEPS = "select count(*) from watari.step where state = 'done'"


def shop(folder: Folder, url: DatabaseUrl) -> Folder:
    """Sixty thousand orders, and a history of every kind of step."""
    told(
        url,
        "create table customers (id int primary key); insert into customers select generate_series(1, 500);"
        "create table orders (id int primary key, customer int, amount int, note text);"
        "insert into orders select g, 1 + g % 500, g, 'n' || g from generate_series(1, 60000) g; analyze",
    )
    for n in range(1, TABLES + 1):
        folder.write(f"migrations/{n:03}_t.sql", f"CREATE TABLE t{n} (id int);\nINSERT INTO t{n} VALUES ({n});\n")
    later = (
        "CREATE INDEX orders_customer ON orders (customer);",
        "ALTER TABLE orders ADD CONSTRAINT orders_key FOREIGN KEY (customer) REFERENCES customers (id);",
        "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
        "ALTER TABLE orders ALTER COLUMN amount TYPE bigint;",
        "CREATE UNIQUE INDEX orders_note ON orders (note);",
        "INSERT INTO customers VALUES (501);",
    )
    for n, sql in enumerate(later, TABLES + 1):
        folder.write(f"migrations/{n:03}_later.sql", sql + "\n")
    return folder


@pytest.fixture(scope="module")
def undisturbed(lasting_database: Callable[..., DatabaseUrl], tmp_path_factory: pytest.TempPathFactory) -> DatabaseUrl:
    """The shop after a run that nobody disturbed."""
    url = lasting_database()
    done = shop(Folder(tmp_path_factory.mktemp("undisturbed"), url), url).watari("apply", "--yes")
    assert done.status == 0, done.err
    return url


def same_as(url: DatabaseUrl, undisturbed: DatabaseUrl, folder: Folder) -> None:
    """Schema, rows and history are those of the undisturbed run, and watari itself finds everything in order."""
    same_schema(url, undisturbed)
    assert row_counts(url) == row_counts(undisturbed)
    history = "select id, checksum from watari.history order by id"
    assert asked(url, history) == asked(undisturbed, history)
    assert asked(url, "select count(*), min(state) from watari.run") == [(1, "done")]
    assert folder.watari("status").status == 0
    verified = folder.watari("verify")
    assert verified.status == 0, verified.out


PLACES = sorted(random.Random(3).sample(range(1, 60), 3))


@pytest.mark.parametrize("number", [KILLED, CTRL_C, ENDED], ids=lambda number: number.name)
@pytest.mark.parametrize("place", [PLACES[0], *(pytest.param(p, marks=pytest.mark.full) for p in PLACES[1:])])
def test_apply_on_plain_sql(
    folder: Folder, database: DatabaseUrl, undisturbed: DatabaseUrl, number: signal.Signals, place: int
) -> None:
    shop(folder, database)
    interrupted(folder, database, number, STEPS, place, "apply", "--yes")
    (standing,) = folder.watari("status", "--json").document["databases"]
    assert standing["state"] in ("pending", "problem")
    assert [problem["kind"] for problem in standing["problems"]] == ["unended"]
    assert "watari apply continues" in standing["problems"][0]["message"]
    assert "続きから再開" in folder.watari("status", language="ja").out
    (run,) = folder.watari("runs", "--json").document["runs"]
    assert run["state"] == ("running" if number is KILLED else "stopped")
    finished = folder.watari("apply", "--yes")
    assert finished.status == 0, finished.err
    same_as(database, undisturbed, folder)


@pytest.mark.parametrize("number", [KILLED, CTRL_C], ids=lambda number: number.name)
def test_cross_on_plain_sql(
    folder: Folder, database: DatabaseUrl, undisturbed: DatabaseUrl, number: signal.Signals
) -> None:
    shop(folder, database)
    interrupted(folder, database, number, STEPS, 44, "cross", "--yes")
    finished = folder.watari("cross", "--yes", "--json")
    assert finished.status == 0, finished.err
    assert finished.document["run"]["state"] == "done"
    assert Path(finished.document["report"]).exists()
    same_as(database, undisturbed, folder)
    backups = folder.watari("backup", "list", "--json").document["backups"]
    assert len(backups) == 1, "the run that is continued has its backup already"


CLONES = "select count(*) from pg_database where datname ~ '^watari_clone_DATABASE_'"


@pytest.mark.parametrize("number", [KILLED, CTRL_C], ids=lambda number: number.name)
def test_cross_in_the_middle_of_its_rehearsal(
    folder: Folder, database: DatabaseUrl, undisturbed: DatabaseUrl, number: signal.Signals
) -> None:
    shop(folder, database)
    clones = CLONES.replace("DATABASE", database.database)
    outside = database.of_database("postgres")  # a session in the database itself would keep it from being copied
    interrupted(folder, outside, number, clones, 1, "cross", "--yes")
    assert asked(database, "select to_regclass('t1'), to_regnamespace('watari')") == [(None, None)]
    finished = folder.watari("cross", "--yes")
    assert finished.status == 0, finished.err
    same_as(database, undisturbed, folder)
    assert asked(database, clones) == [(0,)], "a clone was left behind"


def test_killed_again_and_again(folder: Folder, database: DatabaseUrl, undisturbed: DatabaseUrl) -> None:
    shop(folder, database)
    for place in (3, 20, 41, 44):
        interrupted(folder, database, KILLED, STEPS, place, "apply", "--yes")
    finished = folder.watari("apply", "--yes")
    assert finished.status == 0, finished.err
    same_as(database, undisturbed, folder)


# -- LiteLLM's 220 migrations ------------------------------------------------------------------------------------------

FINISHED = "select count(finished_at) from _prisma_migrations"


@pytest.fixture(scope="module")
def crossed(team_python: Path, lasting_database: Callable[..., DatabaseUrl], tmp_path_factory) -> DatabaseUrl:
    """LiteLLM's database after a run that nobody disturbed."""
    url = lasting_database()
    project = copy_litellm(team_python, tmp_path_factory.mktemp("litellm") / "litellm")
    done = Folder(project.root, url).watari("apply", "--yes")
    assert done.status == 0, done.err
    return url


@pytest.mark.parametrize(
    ("number", "command", "place"),
    [
        (KILLED, "apply", 91),
        pytest.param(CTRL_C, "cross", 150, marks=pytest.mark.full),
        pytest.param(CTRL_C, "apply", 17, marks=pytest.mark.full),
        pytest.param(KILLED, "cross", 203, marks=pytest.mark.full),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_on_litellm(
    team_python: Path,
    tmp_path: Path,
    database: DatabaseUrl,
    crossed: DatabaseUrl,
    prisma_cli: PrismaCli,
    number: signal.Signals,
    command: str,
    place: int,
) -> None:
    project = copy_litellm(team_python, tmp_path / "litellm")
    folder = Folder(project.root, database)
    interrupted(folder, database, number, FINISHED, place, command, "--yes")
    finished = folder.watari(command, "--yes")
    assert finished.status == 0, finished.err
    same_schema(database, crossed)
    assert row_counts(database) == row_counts(crossed)
    rows = asked(database, "select count(*), count(finished_at), count(rolled_back_at) from _prisma_migrations")
    assert rows == [(220, 220, 0)]
    theirs = prisma_cli(project.root, database, "migrate", "status")
    assert (theirs.returncode, "up to date" in theirs.stdout) == (0, True), theirs.stdout + theirs.stderr
