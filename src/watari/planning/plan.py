"""What will run, as a value: what was approved is what runs."""

from __future__ import annotations

from enum import StrEnum

from watari.catalog.kept import Kept
from watari.evidence.effect import Effect
from watari.evidence.run import Direction
from watari.values import dataclass


class Phase(StrEnum):
    """When a step runs relative to deployments of the application."""

    EXPAND = "expand"
    MIGRATE = "migrate"
    CONTRACT = "contract"


class StepKind(StrEnum):
    """How a step is executed; one file each in `steps/`."""

    TRANSACTION = "transaction"  # its statements and its journal row commit together
    CONCURRENT = "concurrent"  # one statement that refuses a transaction; settled from the catalog
    BACKFILL = "backfill"  # batches, each with its checkpoint
    COMMAND = "command"  # the framework's own tool
    AROUND = "around"  # what the framework's own tool does before or after its migrations
    CREATE_DATABASE = "create_database"  # on the server's maintenance database
    PAUSE = "pause"  # until a person says that the application is deployed


@dataclass(frozen=True, kw_only=True)
class Settle:
    """How to tell from the catalog whether a step that could not be in a transaction happened.

    `kind`: "index_valid" (an invalid one is dropped and built again), "index_absent", "reindexed" (an invalid copy is
    dropped), "partition_detached" (of `table`; a half-done detach is finished), "object_exists" and "object_absent" (a
    "tablespace", "subscription" or "database", as `table` says), "database_exists", "history_applied", or "again" for
    what may simply be repeated. `relation` is the object it asks about, as `str(Name)`; "before" or "after" of a step around.
    """

    kind: str
    relation: str
    table: str | None = None


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """Rows brought to a new value in batches.

    `assignments` and `where` are SQL expressions over the table's own columns. Without `key` doing it twice must do no harm:
    `where` selects the rows that still lack the value, so that the work converges. With `key`, columns that never are NULL
    and are the same in no two rows, the rows are walked along it and each is done exactly once. `delete`: they are deleted.
    `into`: the table that gets, in the batch's own transaction, the `taken` columns of what is deleted; of what is updated
    the key, the values before (`taken`), and those after (`written`, the names that they have there).
    """

    table: str  # as str(Name)
    assignments: tuple[tuple[str, str], ...]  # column, expression
    where: str
    key: tuple[str, ...] = ()
    delete: bool = False
    into: str = ""
    taken: tuple[str, ...] = ()
    written: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CopyRows:
    """The rows that follow the `COPY … FROM stdin` at `statement` (its place in `Step.sql`)."""

    statement: int
    rows: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """A sentence about a step, in both languages: why it stays as written, or what comes out otherwise than written."""

    en: str
    ja: str


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What a plan takes away for good.

    `kind`: "table", "column", "rows", or "values" of a column that are written over. `rows` is an estimate at the time of planning; None where nothing is known.
    """

    kind: str
    object: str
    migration: str
    rows: int | None = None


@dataclass(frozen=True, kw_only=True)
class Back:
    """One transaction of a step's way back that stops nobody as it stands.

    `unless`: a query; where it answers more than 0, the transaction is left out and `lacking` says why (its `{count}` is the
    answer), or there is no way back with `refuses`. `scans`: rows are read, under a lock that stops neither readers nor
    writers. `releases`: after it the step keeps nothing any more, or with `returns` no longer what is kept in that
    relation. `planned`: statements for which the planner finds the form that stops nobody. `backfill`: rows in batches.
    """

    sql: tuple[str, ...] = ()
    scans: bool = False
    unless: str | None = None
    lacking: Note | None = None
    refuses: bool = False
    releases: bool = False
    planned: bool = False
    returns: str = ""
    backfill: Backfill | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One unit of execution.

    `sql` is exactly what is sent, one statement an entry. `undo` holds the statements that take the step back, as a team
    would write them (the planner makes them safe when they are needed); None where nothing can. `completes`: with this
    step the migration is done and its history row is written, in the same transaction where there is one. `history` says
    whether that row is added or removed. `as_written`: the place in the team's file that this step comes from.
    """

    id: str  # "0003.2": ordinal of the migration in the plan, then of the step
    phase: Phase
    kind: StepKind
    migration: str | None
    sql: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    undo: tuple[str, ...] | None = None
    settle: Settle | None = None
    backfill: Backfill | None = None
    copies: tuple[CopyRows, ...] = ()
    completes: bool = False
    waits_for_locks: bool = True  # False: touches nothing that existed before, so nobody can be in the way
    rewritten: str | None = None  # name of the safe form that made it; None: as written
    as_written: str | None = None  # "file:line" of the statement it comes from
    session: tuple[str, ...] = ()  # the migration's own SET statements, sent before a step that is no transaction
    notes: tuple[Note, ...] = ()
    final: str | None = None  # of a step without undo: the first statement in it, as written, that nothing takes back
    keeps: tuple[Kept, ...] = ()  # what is out of the application's way after it, and still there
    releases: tuple[Kept, ...] = ()  # what is kept no longer after it
    leaves: tuple[str, ...] = ()  # statements about rows alone that `back` does not take back, and nothing does
    back: tuple[Back, ...] = ()  # its undo as transactions that need no planner, while it keeps what it kept


@dataclass(frozen=True, kw_only=True)
class Precheck:
    """A query that must answer 0 before the first step: rows that would make a later step fail."""

    name: str  # "orphans", "nulls", "duplicates", "violations"
    step: str
    object: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What a comment in a migration allows before a statement, and why: it was approved with the plan."""

    rules: tuple[str, ...]
    reason: str
    file: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The steps, in order, bound to the fingerprint of the database they were made for.

    `sha256` is that of the canonical JSON of everything else in it.
    """

    sha256: str
    version: int  # of the plan format
    database: str
    environment: str
    framework: str
    direction: Direction
    fingerprint: str
    server_version: int
    migrations: tuple[str, ...]  # ids, in order
    steps: tuple[Step, ...]
    prechecks: tuple[Precheck, ...] = ()
    expected: tuple[tuple[str, str, str], ...] = ()  # (kind, object, state) that verification looks for
    way_back: str | None = None  # of a plan of direction back: "down", "undo", or "mixed"
    ways: tuple[tuple[str, str], ...] = ()  # of a plan of direction back: (migration, "down" or "undo")
    losses: tuple[Loss, ...] = ()  # rows, columns and tables that are there now and will not be afterwards
    of_run: str | None = None  # of a plan of direction back: the run it takes back
    checksums: tuple[tuple[str, str], ...] = ()  # (migration, its framework's checksum) of the files it was made from
    allowances: tuple[Allowed, ...] = ()  # by comments with a reason in those files

    def makes(self, database: str) -> bool:
        """Whether a step of the plan makes the database of this name."""
        made = (step.settle for step in self.steps if step.kind is StepKind.CREATE_DATABASE)
        return any(settle is not None and settle.relation == database for settle in made)
