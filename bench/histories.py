"""Four real histories, crossed on a database with rows: precision and recall of "others wait while it works", Squawk's beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import squawk
from bench.databases import drop, fresh
from bench.loaded import Watched, cross, empty
from tests.fixtures.real_histories import (
    alembic,
    begin_mlflow,
    copy_litellm,
    copy_mlflow,
    graphile_worker_scripts,
    procrastinate_scripts,
    team_interpreter,
)
from watari.frameworks.alembic import Alembic
from watari.frameworks.framework import FrameworkSettings
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl
from watari.sql.statement import Script, Statement


@dataclass(frozen=True)
class Part:
    """One migration: its name, its script, or what the framework itself does where there is none."""

    name: str
    script: Script | None
    instead: Callable[[DatabaseUrl], object] | None = None


@dataclass(frozen=True)
class Story:
    """One history, and what has to be there before its first migration."""

    name: str
    parts: tuple[Part, ...]
    before: Callable[[DatabaseUrl], object] | None = None


def litellm(folder: Path) -> Story:
    """LiteLLM's Prisma migrations."""
    history = copy_litellm(team_interpreter(), folder)
    files = sorted(history.folder.glob("*/migration.sql"))
    return Story("litellm", tuple(_part(file.parent.name, file.read_bytes()) for file in files))


def mlflow(folder: Path) -> Story:
    """mlflow's Alembic revisions; those that cannot be shown as SQL are run by Alembic and not judged."""
    history = copy_mlflow(team_interpreter(), folder)
    settings = FrameworkSettings(root=history.root, folder=history.folder, database="app", python=history.python)
    parts: list[Part] = []
    for migration in Alembic(settings).migrations():
        if migration.up is not None:
            parts.append(Part(migration.id, Script(file=f"{migration.id}.sql", data=migration.up.data)))
            continue

        def upgrade(url: DatabaseUrl, last: str = parts[-1].name, wanted: str = migration.id) -> None:
            with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
                empty(connection)  # made-up rows mean nothing to code that moves them
            alembic(history, url, "stamp", last)
            alembic(history, url, "upgrade", wanted)

        parts.append(Part(migration.id, None, upgrade))
    return Story("mlflow", tuple(parts), lambda url: begin_mlflow(history, url))


def procrastinate(folder: Path) -> Story:
    """procrastinate's SQL files."""
    return Story("procrastinate", tuple(_part(file.stem, file.read_bytes()) for file in procrastinate_scripts()))


def graphile_worker(folder: Path) -> Story:
    """graphile-worker's SQL files, with the name of its schema put in as it does itself."""
    parts = [
        _part(file.stem, file.read_bytes().replace(b":GRAPHILE_WORKER_SCHEMA", b"graphile_worker"))
        for file in graphile_worker_scripts()
    ]

    def before(url: DatabaseUrl) -> None:
        with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
            connection.execute("create schema graphile_worker")

    return Story("graphile-worker", tuple(parts), before)


STORIES: Mapping[str, Callable[[Path], Story]] = {
    "litellm": litellm,
    "mlflow": mlflow,
    "procrastinate": procrastinate,
    "graphile-worker": graphile_worker,
}


def _part(name: str, data: bytes) -> Part:
    return Part(name, Script(file=f"{name}.sql", data=data))


def crossed(story: Story, url: DatabaseUrl) -> Iterator[Watched]:
    """The history from its first migration to its last, every statement watched."""
    if story.before:
        story.before(url)
    for part in story.parts:
        if part.script is None:
            assert part.instead is not None
            part.instead(url)
            continue
        with psycopg.connect(**url.conninfo(), autocommit=True, options="-c client_min_messages=error") as connection:
            yield from cross(connection, part.name, part.script.statements)


@dataclass(kw_only=True)
class Tally:
    """Alarms against what was seen."""

    right: int = 0
    false: int = 0
    missed: int = 0

    def add(self, alarm: bool, truth: bool) -> None:
        """One statement more."""
        self.right += alarm and truth
        self.false += alarm and not truth
        self.missed += truth and not alarm

    @property
    def precision(self) -> float:
        """Of the alarms, the share that is right; 1 where there is none."""
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        """Of what makes others wait, the share that is told; 1 where nothing does."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def __str__(self) -> str:
        return f"{self.right} | {self.false} | {self.missed} | {self.precision:.3f} | {self.recall:.3f}"


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints a row for each history and tool."""
    print("\nReal histories on a database with rows in every table: statements that make others wait while they work")
    print(
        "| history | tool | right | false alarms | missed | precision | recall |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    for name, told in STORIES.items():
        try:
            story = told(folder / name)
        except Exception as reason:
            print(f"left out: {name}: {str(reason).splitlines()[0]}")
            continue
        url = fresh(server)
        seen = [watched for watched in crossed(story, url) if watched.worked is not None]
        drop(server, url)
        for tool, tally in tallies(story, seen, folder / f"{name}-files").items():
            print(f"| {name} | {tool} | {tally} |", flush=True)


def tallies(story: Story, seen: Sequence[Watched], folder: Path) -> dict[str, Tally]:
    """Watari's hazards of waiting for work, its `blocks`, and Squawk's warnings, laid over what was seen."""
    found = {"watari, hazards": Tally(), "watari, blocks": Tally()}
    for watched in seen:
        found["watari, hazards"].add(bool(watched.hazards), bool(watched.worked))
        found["watari, blocks"].add(watched.judged.effects.blocks == "work", bool(watched.worked))
    try:
        said = squawk_says(story, folder)
    except Exception as reason:
        print(f"left out: Squawk: {str(reason).splitlines()[0]}")
        return found
    for title, rules in (
        ("Squawk, the rules that claim it", squawk.CLAIMS),
        ("Squawk, all but timeouts and style", None),
    ):
        tally = found[title] = Tally()
        for watched in seen:
            names = _rules_at(said.get(f"{watched.migration}.sql", ()), watched.judged.statement)
            tally.add(bool(names & rules if rules else names - squawk.STYLE), bool(watched.worked))
    return found


def squawk_says(story: Story, folder: Path) -> Mapping[str, list[tuple[int, str]]]:
    """What Squawk warns of, a file a migration."""
    folder.mkdir(parents=True)
    for part in story.parts:
        if part.script is not None:
            (folder / f"{part.name}.sql").write_bytes(part.script.data)
    return squawk.warnings(folder, 18)


def _rules_at(said: Sequence[tuple[int, str]], statement: Statement) -> set[str]:
    last = statement.line + statement.text.count("\n")
    return {rule for line, rule in said if statement.line <= line <= last}
