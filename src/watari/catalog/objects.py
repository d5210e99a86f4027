"""What a database holds, object by object.

A field marked `live` changes without anyone changing the schema (sizes, estimates, counters): it informs judgement and is
left out of fingerprint and difference.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from watari.catalog.name import Name
from watari.values import dataclass, field


def live(default: Any = 0) -> Any:
    """A field that is a fact of the moment, not of the schema."""
    return field(default=default, metadata={"live": True})


class TableKind(StrEnum):
    """The server's `relkind` of what holds or shows rows."""

    TABLE = "r"
    PARTITIONED = "p"
    VIEW = "v"
    MATERIALIZED_VIEW = "m"
    FOREIGN = "f"


class ConstraintKind(StrEnum):
    """The server's `contype`."""

    CHECK = "c"
    FOREIGN_KEY = "f"
    PRIMARY_KEY = "p"
    UNIQUE = "u"
    EXCLUSION = "x"
    NOT_NULL = "n"  # catalogued since 18


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table, in the table's own order."""

    name: str
    position: int  # counted without dropped columns, from 1
    type: str  # as format_type() writes it: "character varying(20)"
    not_null: bool = False
    default: str | None = None  # expression of default or generation
    generated: str = ""  # "" | "s" stored | "v" virtual
    identity: str = ""  # "" | "a" always | "d" by default
    collation: str | None = None  # only where it differs from the type's own
    statistics_target: int | None = None
    comment: str | None = None
    acl: tuple[str, ...] = ()
    storage: str = ""  # p, e, m or x, only where it differs from the type's own
    compression: str = ""  # "" | "p" pglz | "l" lz4
    options: tuple[str, ...] = ()  # "n_distinct=5"; of a foreign table also the wrapper's
    local: bool = True  # False: it comes from the parent alone
    null_fraction: float | None = live(None)  # of pg_stats, 0 to 1
    average_width: int | None = live(None)  # bytes, of pg_stats


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, partitioned table, view, materialised view or foreign table."""

    name: Name
    kind: TableKind
    owner: str
    columns: tuple[Column, ...] = ()
    persistence: str = "p"  # p permanent, u unlogged, t temporary
    parents: tuple[Name, ...] = ()  # inherits from, or is a partition of
    partition_bound: str | None = None
    partition_key: str | None = None
    definition: str | None = None  # of a view or materialised view; server and options of a foreign table
    options: tuple[str, ...] = ()
    access_method: str | None = None
    tablespace: str | None = None
    replica_identity: str = "d"
    row_security: bool = False
    force_row_security: bool = False
    comment: str | None = None
    acl: tuple[str, ...] = ()
    reads_from: tuple[Name, ...] = ()  # of a view: the relations it names
    of_type: Name | None = None  # the composite type that gives it its columns (CREATE TABLE … OF)
    rows: int | None = live(None)  # estimate; None: never analysed
    bytes: int = live()  # heap and TOAST
    index_bytes: int = live()
    pages: int = live()
    sequential_scans: int = live()
    index_scans: int = live()
    rows_written: int = live()  # inserts, updates and deletes since the statistics were reset
    dead_share: float = live(0.0)  # of its rows, which a VACUUM would clear away; 0 to 1
    attributes: int = live()  # places for columns that are used up, those of dropped ones too

    def column(self, name: str) -> Column | None:
        """The column of that name, if there is one."""
        for column in self.columns:
            if column.name == name:
                return column
        return None

    def having(self, columns: tuple[Column, ...]) -> Table:
        """The same table with these columns; `replace` would set all thirty fields anew, for every column that is added."""
        other = object.__new__(Table)
        other.__dict__.update(self.__dict__, columns=columns)
        return other


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index, in the schema of its table."""

    name: Name
    table: Name
    definition: str  # pg_get_indexdef()
    columns: tuple[str | None, ...] = ()  # key columns; None for an expression
    included: tuple[str, ...] = ()
    method: str = "btree"
    unique: bool = False
    primary: bool = False
    valid: bool = True
    ready: bool = True
    predicate: str | None = None
    constraint: str | None = None  # the constraint that owns it
    parent: Name | None = None  # index of the partitioned table
    replica_identity: bool = False
    clustered: bool = False
    tablespace: str | None = None
    comment: str | None = None
    bytes: int = live()
    scans: int = live()


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """A constraint of a table."""

    name: str
    table: Name
    kind: ConstraintKind
    definition: str  # pg_get_constraintdef()
    columns: tuple[str, ...] = ()
    validated: bool = True
    enforced: bool = True
    deferrable: bool = False
    deferred: bool = False
    inherited: bool = False
    references: Name | None = None
    referenced_columns: tuple[str, ...] = ()
    index: Name | None = None
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A trigger that a person made (internal ones belong to their constraint)."""

    name: str
    table: Name
    definition: str
    enabled: str = "O"
    function: str = ""
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A row level security policy."""

    name: str
    table: Name
    command: str
    permissive: bool
    roles: tuple[str, ...]
    using: str | None = None
    check: str | None = None
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """A sequence; `last_value` is a fact of the moment."""

    name: Name
    owner: str
    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cycle: bool = False
    cache: int = 1
    owned_by: str | None = None  # "public.orders.id"
    acl: tuple[str, ...] = ()
    comment: str | None = None
    last_value: int | None = live(None)


@dataclass(frozen=True, kw_only=True)
class Routine:
    """A function, procedure or aggregate, by its signature."""

    name: Name
    arguments: str  # identity arguments
    kind: str  # f, p, a, w
    language: str
    definition: str
    owner: str
    volatility: str = "v"  # i immutable, s stable, v volatile
    security_definer: bool = False
    acl: tuple[str, ...] = ()
    comment: str | None = None

    @property
    def takes(self) -> int:
        """How many arguments it has."""
        return self.arguments.count(",") + 1 if self.arguments else 0


@dataclass(frozen=True, kw_only=True)
class Type:
    """An enum, domain, composite or range type that a person made."""

    name: Name
    kind: str  # e enum, d domain, c composite, r range
    owner: str
    labels: tuple[str, ...] = ()  # of an enum, in order
    base: str | None = None  # of a domain; the subtype of a range
    not_null: bool = False
    default: str | None = None
    constraints: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()  # of a composite
    acl: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Extension:
    """An installed extension; its objects are not listed one by one."""

    name: str
    version: str
    schema: str


@dataclass(frozen=True, kw_only=True)
class Schema:
    """A user schema and who may use it."""

    name: str
    owner: str
    acl: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Other:
    """An object of a kind that no rule looks into: it is compared as a whole."""

    kind: str  # "statistics", "rule", "publication", "event trigger", "collation", "operator", "cast", …
    identity: str  # as pg_identify_object() writes it
    definition: str = ""
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Query:
    """One statement that applications send, as pg_stat_statements has it (constants as $1), and how often."""

    text: str
    calls: int


@dataclass(frozen=True, kw_only=True)
class Session:
    """One other session of the database at the moment of reading."""

    pid: int
    user: str | None
    application: str
    kind: str  # backend_type
    state: str | None
    query: str
    transaction_age: float | None  # seconds since the transaction began
    snapshot_age: int | None  # transactions behind
    locks: tuple[tuple[Name, str], ...] = ()  # relation, mode as in pg_locks
