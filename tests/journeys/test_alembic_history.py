"""mlflow's Alembic history, with the revisions that only Alembic itself can run, across with watari and with Alembic."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fixtures.program import Answer, Folder
from fixtures.real_histories import History, alembic, begin_mlflow, copy_mlflow

from journeys.comparing import asked, row_counts, same_schema
from watari.project.url import DatabaseUrl

#: One worker takes them all: what they share takes long to make.
pytestmark = pytest.mark.xdist_group("mlflow")

#: The revision after the third of those that cannot be shown as SQL, and the one after the last but three.
EARLY, LATE = "7f2a7d5fae7d", "e1f2a3b4c5d6"


@dataclass(frozen=True)
class Crossed:
    """A database that watari took from where mlflow begins to the last revision."""

    project: History
    folder: Folder
    url: DatabaseUrl
    applied: Answer


def opened(project: History, url: DatabaseUrl) -> Folder:
    """The project with the team's environment activated, as a shell leaves it."""
    folder = Folder(project.root, url)
    folder.environ["VIRTUAL_ENV"] = str(project.python.parents[1])
    return folder


def begun(new_database: Callable[..., DatabaseUrl], project: History) -> DatabaseUrl:
    """A database with the tables that mlflow's first revision counts on."""
    url = new_database()
    begin_mlflow(project, url)
    return url


@pytest.fixture(scope="module")
def project(team_python: Path, tmp_path_factory) -> History:
    return copy_mlflow(team_python, tmp_path_factory.mktemp("mlflow") / "tracking")


@pytest.fixture(scope="module")
def upgraded(project: History, lasting_database: Callable[..., DatabaseUrl]) -> DatabaseUrl:
    """The database that `alembic upgrade head` makes."""
    url = begun(lasting_database, project)
    alembic(project, url, "upgrade", "head")
    return url


@pytest.fixture(scope="module")
def crossed(project: History, lasting_database: Callable[..., DatabaseUrl]) -> Crossed:
    url = begun(lasting_database, project)
    folder = opened(project, url)
    return Crossed(project=project, folder=folder, url=url, applied=folder.watari("apply", "--yes", "--json"))


def test_from_empty_to_head_the_schema_is_the_one_that_alembic_makes(crossed: Crossed, upgraded: DatabaseUrl) -> None:
    assert crossed.applied.status == 0, crossed.applied.err
    assert crossed.applied.document["state"] == "done"
    same_schema(crossed.url, upgraded)
    assert row_counts(crossed.url) == row_counts(upgraded)


def test_alembic_itself_agrees(crossed: Crossed, upgraded: DatabaseUrl) -> None:
    assert "(head)" in alembic(crossed.project, crossed.url, "current")
    query = "select version_num from alembic_version order by 1"
    assert asked(crossed.url, query) == asked(upgraded, query)
    assert remarks(crossed.project, crossed.url) == remarks(crossed.project, upgraded)


def remarks(project: History, url: DatabaseUrl) -> str:
    """What `alembic check` says; mlflow's env.py knows other models than its revisions make, so that it always has remarks."""
    with pytest.raises(RuntimeError, match="New upgrade operations detected") as refused:
        alembic(project, url, "check")
    return re.sub(r"0x[0-9a-f]+", "0x", str(refused.value).partition("New upgrade operations detected")[2])


def texts(steps: list[dict[str, Any]]) -> list[list[str]]:
    """What each step sends; SQLAlchemy keeps a table's indexes in a set, and a revision that goes through it has no order."""
    return [sorted(step["sql"]) for step in steps]


def test_the_revisions_that_only_alembic_can_run_are_recorded_and_those_that_read_rows_become_its_own_commands(
    project: History, new_database: Callable[..., DatabaseUrl]
) -> None:
    folder = opened(project, begun(new_database, project))
    answer = folder.watari("plan", "--json")
    steps = answer.document["steps"]
    commands = {step["migration"]: step["notes"][0]["en"] for step in steps if step["kind"] == "command"}
    assert "depends on the data or on the moment" in commands.pop("dc11669786a5")
    assert len(commands) == 4 and all("may depend on the answer: SELECT" in why for why in commands.values())
    (standing,) = folder.watari("status", "--json").document["databases"]
    unrendered = [p["migration"] for p in standing["problems"] if p["kind"] == "unrendered"]
    assert len(unrendered) == 8 and commands.keys() < set(unrendered)
    assert not any("alembic_version" in text for step in steps for text in step["sql"])
    again = folder.watari("plan", "--json")
    assert texts(again.document["steps"]) == texts(steps)
    assert "what 8 migration(s) send was recorded before" in again.err and "recording migration" not in again.err
    checked = folder.watari("check", language="ja")
    assert checked.status == 0, checked.out
    assert f"判定していないもの（フレームワーク自身が実行）: {', '.join(unrendered)}" in checked.out


def test_afterwards_everything_is_verified_and_nothing_is_left_to_do(crossed: Crossed) -> None:
    assert crossed.folder.watari("status").status == 0
    verified = crossed.folder.watari("verify")
    assert verified.status == 0, verified.out[-3000:]
    again = crossed.folder.watari("apply", "--yes")
    assert (again.status, "nothing to do" in again.out) == (0, True)


def test_where_alembic_stopped_watari_goes_on(
    project: History, upgraded: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    url = begun(new_database, project)
    alembic(project, url, "upgrade", LATE)
    folder = opened(project, url)
    (standing,) = folder.watari("status", "--json").document["databases"]
    assert standing["applied"][-1]["id"] == LATE
    assert LATE not in {entry["id"] for entry in standing["pending"]}
    applied = folder.watari("apply", "--yes")
    assert applied.status == 0, applied.err
    same_schema(url, upgraded)
    assert "(head)" in alembic(project, url, "current")


def test_where_watari_stopped_alembic_goes_on(
    project: History, upgraded: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    url = begun(new_database, project)
    folder = opened(project, url)
    applied = folder.watari("apply", "--yes", "--to", EARLY)
    assert applied.status == 0, applied.err
    assert EARLY in alembic(project, url, "current")
    alembic(project, url, "upgrade", "head")
    finished = folder.watari("status", "--json")
    assert finished.status == 0, finished.out
    same_schema(url, upgraded)
