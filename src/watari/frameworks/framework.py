"""The contract between watari and a migration framework; one file a framework beside this one.

A framework's files are the source of truth and are never written. Its history table is read in its own shape and written
exactly as its own tool would, so that afterwards the tool's own `status` agrees.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import psycopg
from psycopg import sql

from watari.locale import Message
from watari.migrations import HistoryRow, Migration, Problem, RowState
from watari.values import dataclass, field

if TYPE_CHECKING:
    from watari.catalog import Constraint
    from watari.sql.statement import Statement


@dataclass(frozen=True, kw_only=True)
class Detection:
    """A framework recognised in a project: where its migrations are and how sure that is (0 to 100)."""

    framework: str
    folder: Path
    certainty: int
    why: str
    databases: tuple[str, ...] = ()  # that its files name (`\c authdb`), in order; empty where they name none


@dataclass(frozen=True, kw_only=True)
class FrameworkSettings:
    """What a framework is told about its project.

    `root` is the project's folder, `folder` that of the migrations, `python` the team's interpreter where the framework
    lives in one, `databases` the names of all databases of the project that share this folder and `database` the one at hand.
    """

    root: Path
    folder: Path
    database: str
    databases: tuple[str, ...] = ()
    python: Path | None = None
    history_table: str | None = None  # other name or schema than the framework's default
    schema: str | None = None  # Prisma's ?schema=, SeaORM's -s
    options: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""  # by its name in the settings


@dataclass(frozen=True, kw_only=True)
class Command:
    """The framework's own tool, for one migration; the database address goes in `environment`, never in `argv`."""

    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


class Framework(ABC):
    """One framework on one project and one database of it."""

    name: ClassVar[str]
    own_runner: ClassVar[bool] = True  # there is a tool beside watari that runs these migrations
    records: ClassVar[bool] = False  # what a migration without SQL sends may be recorded on a clone and planned

    def __init__(self, settings: FrameworkSettings) -> None:
        self.settings = settings

    @classmethod
    @abstractmethod
    def detect(cls, root: Path) -> Detection | None:
        """Whether the folder `root` is a project of this framework; reads files only."""

    @abstractmethod
    def migrations(self) -> tuple[Migration, ...]:
        """All migrations in the framework's order.

        Raises `UsageError` where the folder cannot be read. Scripts are not parsed here.
        """

    @abstractmethod
    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """The history as the framework sees it; empty where the table is missing. Changes nothing.

        Raises `HistoryShape` where a table of that name is not the framework's.
        """

    @abstractmethod
    def create_history(self) -> Sequence[sql.Composable]:
        """Statements that make the history table as the framework would; safe to run where it exists."""

    @abstractmethod
    def record(self, migration: Migration, started_at: datetime, finished_at: datetime) -> Sequence[sql.Composable]:
        """Statements that write `migration` into the history as applied, exactly as the tool's own success leaves it."""

    @abstractmethod
    def forget(self, migration: Migration) -> Sequence[sql.Composable]:
        """Statements that take `migration` out of the history, as the tool's own way down leaves it."""

    def history_tables(self) -> tuple[str, ...]:
        """Names (`schema.table` as `str(Name)`) that comparisons of schemas leave out."""
        return ()

    def search_path(self) -> tuple[str, ...]:
        """The schemas that the framework's own sessions look in, in order; empty where it leaves that to the database."""
        return ()

    def session_settings(self) -> Mapping[str, str]:
        """Settings of the framework's own sessions on which the meaning of a statement rests, as PostgreSQL's options take them."""
        return {}

    def lock_keys(self) -> tuple[int, ...]:
        """Advisory lock keys of the framework's own runner; watari holds them for as long as it runs."""
        return ()

    def overtaken(self, migration: Migration, connection: psycopg.Connection) -> bool:
        """Whether the framework's own runner has applied the migration meanwhile; asked where no lock keeps it out."""
        return any(row.id == migration.id and row.state is RowState.APPLIED for row in self.history(connection))

    def same_checksum(self, migration: Migration, row: HistoryRow) -> bool:
        """Whether the file is the one that was applied, by the framework's rule; True where it has none."""
        return migration.checksum is None or row.checksum is None or migration.checksum == row.checksum

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """What only this framework knows to be wrong; the common comparison is `watari.migrations.compare`."""
        return ()

    def foreign_keys(self, migration: Migration) -> tuple[Constraint, ...]:
        """The foreign keys that a migration without SQL adds, as far as its files tell."""
        return ()

    def require_sensible(self, argv: Sequence[str], rows: Sequence[HistoryRow]) -> None:
        """Returns unless this command of the framework's own tool does something else than it seems to.

        `rows` is the history now. Raises a `UsageError` that says what it would do, and what to do instead.
        """
        return

    def notes(self) -> tuple[Message, ...]:
        """What a person should know about how the framework is read here."""
        return ()

    def command(self, migration: Migration, url: str, *, down: bool = False) -> Command | None:
        """How the framework's own tool runs one migration; None where it cannot or need not."""
        return None

    def around(self) -> tuple[str, ...]:
        """When the framework's own tool does more than its migrations: `before` all of them, `after` all of them."""
        return ()

    def around_command(self, when: str, migrations: Sequence[str], url: str) -> Command | None:
        """How its own tool does that, and nothing else, around these migrations; doing it again must do no harm."""
        return None

    def with_way_back(self, migrations: Sequence[Migration]) -> tuple[Migration, ...]:
        """The migrations with what is known of their way back, where that is only looked for when somebody wants to go back."""
        return tuple(migrations)

    def next_of_tool(self, rows: Sequence[HistoryRow], *, down: bool = False) -> str | None:
        """The migration that `command` takes whichever is meant, given the history now; None: the one that it is told.

        A tool that only counts (`up -n 1`) is asked before each start whether the next one is the one that is meant.
        """
        return None

    def recorded_from(self) -> str:
        """A digest of the code on which it rests what a migration without SQL sends; a recording is good while it is the same."""
        from watari.frameworks.sources import digest_of, project_files

        return digest_of(project_files(self.settings.root.resolve()))

    def is_bookkeeping(self, statement: Statement) -> bool:
        """Whether a statement of the tool's session is the tool's own, not the migration's: its history made, read or written."""
        return self.concerns_history(statement)

    def concerns_history(self, statement: Statement) -> bool:
        """Whether a statement names the history table."""
        from watari.catalog import Name
        from watari.sql.grammar import relation_references

        tables = set(self.history_tables())
        here = next(iter(self.search_path()), "public")
        return any(str(Name(each.schema or here, each.name)) in tables for each in relation_references(statement.node))
