"""One file a tool whose sessions are recorded: how it is installed, what its project looks like, which command runs it.

The folder is the registry: a module with a `TOOL` is a tool more, and nothing else has to know of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from watari.project.url import DatabaseUrl

#: What every tool's project does, a list of statements a migration.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE users (id int PRIMARY KEY, email text)",
        "INSERT INTO users SELECT g, 'user' || g FROM generate_series(1, 500) g",
    ),
    ("ALTER TABLE users ADD COLUMN name text", "UPDATE users SET name = email WHERE id <= 100"),
    (
        "ALTER TABLE users ALTER COLUMN id TYPE bigint",
        "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
        "CREATE INDEX users_email ON users (email)",
    ),
    ("CREATE TABLE orders (id int PRIMARY KEY, user_id bigint REFERENCES users (id))",),
)
#: What is added where the last migration is to fail.
FAILING = ("CREATE TABLE half (id int)", "ALTER TABLE nowhere ADD COLUMN c int")


class Tool(ABC):
    """One migration tool."""

    name: str
    needs: str  # the program that has to be on the machine

    @abstractmethod
    def install(self) -> None:
        """Puts it into the cache; raises where this machine cannot."""

    @abstractmethod
    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        """Writes a project of these migrations."""

    @abstractmethod
    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        """What applies everything, and its environment."""


def tools() -> tuple[Tool, ...]:
    """Every tool, by name."""
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return tuple(sorted((module.TOOL for module in modules), key=lambda tool: tool.name))
