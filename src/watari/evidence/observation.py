"""What was found in and around a database when somebody looked: numbers that verification compares, read by the doors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from watari.catalog.catalog import Catalog
from watari.catalog.objects import Constraint
from watari.locale import Message
from watari.migrations.migration import Standing
from watari.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class RowCount:
    """How many rows a table has; `exact` is False for the server's estimate. None: it could not be counted, and `why`."""

    rows: int | None
    exact: bool = True
    why: Message | None = None


@dataclass(frozen=True, kw_only=True)
class OrphanCount:
    """Rows of `table` whose foreign key `constraint` finds no row; counted up to `limit`, with some of the keys."""

    table: str  # as str(Name)
    constraint: str
    rows: int | None  # None: not counted, and `why`
    limit: int = 0  # `rows` is at least that many where it is reached
    examples: tuple[str, ...] = ()
    why: Message | None = None


@dataclass(frozen=True, kw_only=True)
class SequencePosition:
    """A sequence and the column that it fills: the furthest value that the column holds, and the next one to come."""

    sequence: str  # as str(Name)
    column: str  # "public.orders.id"
    following: int | None  # None: the user may not know
    furthest: int | None  # greatest (smallest, where it counts down); None: the table is empty
    ascending: bool = True
    why: Message | None = None  # why it was not asked


@dataclass(frozen=True, kw_only=True)
class IndexPlan:
    """What the planner does with `query`, a search by an index's first column.

    `chosen`: it uses the index; `usable`: it could use this one or another instead of reading the whole table.
    """

    query: str
    chosen: bool
    usable: bool


@dataclass(frozen=True, kw_only=True)
class ProbeAnswer:
    """What an HTTP address answered; `seconds` until the last byte. `url` holds no password."""

    url: str
    status: int | None = None
    seconds: float | None = None
    bytes: int = 0
    redirected_to: str | None = None
    error: Message | None = None


@dataclass(frozen=True, kw_only=True)
class TableUse:
    """One table's counters since the statistics were reset."""

    rows: int = 0  # live ones, as the server counts along
    bytes: int = 0  # heap and TOAST
    sequential_scans: int = 0
    rows_by_sequential_scans: int = 0
    index_scans: int = 0
    rows_by_index_scans: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    dead: int = 0
    blocks_read: int = 0
    blocks_hit: int = 0

    @property
    def rows_per_sequential_scan(self) -> float:
        """How much one sequential scan reads on average."""
        return self.rows_by_sequential_scans / self.sequential_scans if self.sequential_scans else 0.0


@dataclass(frozen=True, kw_only=True)
class IndexUse:
    """One index's counters since the statistics were reset."""

    table: str
    scans: int = 0
    rows_read: int = 0
    rows_fetched: int = 0
    bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class StatementUse:
    """One statement as pg_stat_statements has it, values replaced by `$1`."""

    text: str
    calls: int
    total_seconds: float
    max_seconds: float

    @property
    def mean_seconds(self) -> float:
        """How long one call takes on average."""
        return self.total_seconds / self.calls if self.calls else 0.0


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """The server's own counters of one database at one moment.

    Tables and indexes by qualified name, statements by their number; `statements` is None where pg_stat_statements is not
    installed, and `why` says so.
    """

    at: datetime
    tables: Mapping[str, TableUse] = field(default_factory=dict)
    indexes: Mapping[str, IndexUse] = field(default_factory=dict)
    statements: Mapping[str, StatementUse] | None = None
    why: Message | None = None
    reset_at: datetime | None = None
    commits: int = 0
    rollbacks: int = 0
    deadlocks: int = 0
    blocks_read: int = 0
    blocks_hit: int = 0
    temporary_bytes: int = 0

    @property
    def cache_hit_ratio(self) -> float | None:
        """The share of blocks that were found in the server's memory, 0 to 1."""
        asked = self.blocks_hit + self.blocks_read
        return self.blocks_hit / asked if asked else None


@dataclass(frozen=True, kw_only=True)
class Observation:
    """Everything that verification looks at; what was not asked is None or empty, and its checks are skipped.

    `queries` are the texts of the questions by their name, so that a verdict can show what anyone can run.
    """

    catalog: Catalog
    standing: Standing | None = None
    rows: Mapping[str, RowCount] = field(default_factory=dict)  # by qualified table
    orphans: tuple[OrphanCount, ...] | None = None
    pending_keys: tuple[tuple[str, Constraint], ...] = ()  # foreign keys that a pending migration, by its id, is to add
    sequences: tuple[SequencePosition, ...] | None = None
    index_plans: Mapping[str, IndexPlan] = field(default_factory=dict)  # by qualified index
    probe: ProbeAnswer | None = None
    own_routines: tuple[str, ...] = ()  # functions of unfinished work in schema watari
    statistics: Statistics | None = None
    queries: Mapping[str, str] = field(default_factory=dict)
