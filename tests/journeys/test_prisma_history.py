"""LiteLLM's 220 Prisma migrations, across with watari and with Prisma's own command line, whole and by halves."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Answer, Folder
from fixtures.real_histories import History, PrismaCli, copy_litellm

from journeys.comparing import asked, row_counts, same_schema
from watari.project.url import DatabaseUrl

#: One worker takes them all: what they share takes long to make.
pytestmark = pytest.mark.xdist_group("litellm")

#: Where the history is handed from one tool to the other: drawn once, the same on every machine.
PLACES = sorted(random.Random(220).sample(range(1, 220), 6))
SOME = [pytest.param(place, marks=[] if place == PLACES[3] else pytest.mark.full) for place in PLACES]


@dataclass(frozen=True)
class Crossed:
    """A database that watari took from nothing to the last migration."""

    folder: Folder
    url: DatabaseUrl
    applied: Answer


def names(project: History, count: int | None = None) -> list[str]:
    """The migrations in Prisma's order."""
    return sorted(path.name for path in project.folder.iterdir() if path.is_dir())[:count]


@pytest.fixture(scope="module")
def written(team_python: Path, lasting_database: Callable[..., DatabaseUrl], tmp_path_factory) -> DatabaseUrl:
    """The database that the files make, each sent as it is, without any tool."""
    project, url = copy_litellm(team_python, tmp_path_factory.mktemp("written") / "litellm"), lasting_database()
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        for name in names(project):
            connection.execute((project.folder / name / "migration.sql").read_bytes())
    return url


@pytest.fixture(scope="module")
def crossed(team_python: Path, lasting_database: Callable[..., DatabaseUrl], tmp_path_factory) -> Crossed:
    project, url = copy_litellm(team_python, tmp_path_factory.mktemp("crossed") / "litellm"), lasting_database()
    folder = Folder(project.root, url)
    return Crossed(folder=folder, url=url, applied=folder.watari("apply", "--yes", "--json"))


def test_from_empty_to_head_the_schema_is_the_one_that_the_files_make(crossed: Crossed, written: DatabaseUrl) -> None:
    assert crossed.applied.status == 0, crossed.applied.err
    assert crossed.applied.document["state"] == "done"
    same_schema(crossed.url, written)
    assert row_counts(crossed.url) == row_counts(written)


def test_prisma_itself_finds_it_up_to_date(crossed: Crossed, prisma_cli: PrismaCli) -> None:
    done = prisma_cli(crossed.folder.path, crossed.url, "migrate", "status")
    assert (done.returncode, "Database schema is up to date!" in done.stdout) == (0, True), done.stdout + done.stderr
    done = prisma_cli(crossed.folder.path, crossed.url, "migrate", "deploy")
    assert (done.returncode, "No pending migrations to apply." in done.stdout) == (0, True), done.stdout + done.stderr
    rows = asked(crossed.url, "select count(*), count(finished_at), count(rolled_back_at) from _prisma_migrations")
    assert rows == [(220, 220, 0)]


def test_afterwards_everything_is_verified_and_nothing_is_left_to_do(crossed: Crossed) -> None:
    assert crossed.folder.watari("status").status == 0
    verified = crossed.folder.watari("verify", "--json")
    assert verified.status == 0, verified.out[-3000:]
    states = {verdict["state"] for verdict in verified.document["databases"][0]["verdicts"]}
    assert "fail" not in states
    again = crossed.folder.watari("apply", "--yes")
    assert (again.status, "nothing to do" in again.out) == (0, True)


@pytest.mark.parametrize("place", SOME)
def test_where_prisma_stopped_watari_goes_on(
    prisma_project: History,
    written: DatabaseUrl,
    database: DatabaseUrl,
    prisma_cli: PrismaCli,
    tmp_path: Path,
    place: int,
) -> None:
    half = tmp_path / "half"
    shutil.copytree(prisma_project.root / "prisma", half / "prisma")
    for name in names(prisma_project)[place:]:
        shutil.rmtree(half / "prisma" / "migrations" / name)
    done = prisma_cli(half, database, "migrate", "deploy")
    assert done.returncode == 0, done.stdout + done.stderr

    folder = Folder(prisma_project.root, database)
    (standing,) = folder.watari("status", "--json").document["databases"]
    assert [entry["name"] for entry in standing["applied"]] == names(prisma_project, place)
    assert [entry["name"] for entry in standing["pending"]] == names(prisma_project)[place:]
    assert standing["problems"] == []
    applied = folder.watari("apply", "--yes")
    assert applied.status == 0, applied.err
    same_schema(database, written)
    done = prisma_cli(prisma_project.root, database, "migrate", "status")
    assert (done.returncode, "up to date" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.parametrize("place", SOME)
def test_where_watari_stopped_prisma_goes_on(
    prisma_project: History, written: DatabaseUrl, database: DatabaseUrl, prisma_cli: PrismaCli, place: int
) -> None:
    folder = Folder(prisma_project.root, database)
    last = names(prisma_project)[place - 1]
    applied = folder.watari("apply", "--yes", "--to", last, "--json")
    assert applied.status == 0, applied.err
    theirs = prisma_cli(prisma_project.root, database, "migrate", "status")
    (ours,) = folder.watari("status", "--json").document["databases"]
    assert theirs.returncode == 1
    assert pending_in(theirs.stdout) == [entry["name"] for entry in ours["pending"]] == names(prisma_project)[place:]

    done = prisma_cli(prisma_project.root, database, "migrate", "deploy")
    assert done.returncode == 0, done.stdout + done.stderr
    finished = folder.watari("status", "--json")
    assert finished.status == 0, finished.out
    assert len(finished.document["databases"][0]["applied"]) == 220
    same_schema(database, written)


def pending_in(said: str) -> list[str]:
    """The migrations that `prisma migrate status` lists as not yet applied."""
    listed = said.partition("have not yet been applied:")[2].partition("To apply migrations")[0]
    return [line for line in listed.splitlines() if re.match(r"\d{14}_|\d{14}", line)]
