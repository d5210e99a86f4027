"""The facts of one live database at one moment."""

from __future__ import annotations

from collections.abc import Mapping

from watari.catalog.cluster import Cluster
from watari.catalog.kept import Kept
from watari.catalog.name import Name
from watari.catalog.objects import (
    Constraint,
    ConstraintKind,
    Extension,
    Index,
    Other,
    Policy,
    Query,
    Routine,
    Schema,
    Sequence,
    Session,
    Table,
    Trigger,
    Type,
)
from watari.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything rules and planner may know of a database; read in one transaction, never changed.

    `schemas` are the user schemas that were read; `search_path` is the path of the reading session with `$user` resolved.
    watari's own schema is left out, and so is what runs have `kept`.
    """

    database: str
    server_version: int  # as server_version_num: 150020
    schemas: tuple[str, ...] = ()
    search_path: tuple[str, ...] = ("public",)
    tables: Mapping[Name, Table] = field(default_factory=dict)
    indexes: Mapping[Name, Index] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[Policy, ...] = ()
    sequences: Mapping[Name, Sequence] = field(default_factory=dict)
    routines: tuple[Routine, ...] = ()
    types: Mapping[Name, Type] = field(default_factory=dict)
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    namespaces: Mapping[str, Schema] = field(default_factory=dict)  # owners and privileges of `schemas`
    others: tuple[Other, ...] = ()
    kept: tuple[Kept, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    queries: tuple[Query, ...] | None = None  # of pg_stat_statements; None: not read, or not there
    scan_rate: float | None = None  # bytes of a table that this server reads in a second, measured; None: not measured
    cluster: Cluster | None = None  # None: not read
    database_bytes: int = 0
    standby: bool = False

    @property
    def blank(self) -> bool:
        """Whether nobody has made anything in it yet."""
        return not (self.tables or self.sequences or self.routines or self.types or self.others)

    @property
    def major(self) -> int:
        """The server's major version: 15."""
        return self.server_version // 10000

    def table(self, schema: str | None, name: str) -> Table | None:
        """The relation that the server would find under this name, through the search path where no schema is given."""
        for candidate in (schema,) if schema else self.search_path:
            if found := self.tables.get(Name(candidate, name)):
                return found
        return None

    def index(self, schema: str | None, name: str) -> Index | None:
        """The index that the server would find under this name."""
        for candidate in (schema,) if schema else self.search_path:
            if found := self.indexes.get(Name(candidate, name)):
                return found
        return None

    def indexes_of(self, table: Name) -> tuple[Index, ...]:
        """The indexes of one table, by name."""
        return tuple(sorted((i for i in self.indexes.values() if i.table == table), key=lambda i: i.name))

    def constraints_of(self, table: Name, kind: ConstraintKind | None = None) -> tuple[Constraint, ...]:
        """The constraints of one table, of one kind if given."""
        return tuple(c for c in self.constraints if c.table == table and kind in (None, c.kind))

    def referencing(self, table: Name) -> tuple[Constraint, ...]:
        """The foreign keys of other tables (or its own) that point at `table`."""
        return tuple(c for c in self.constraints if c.references == table)

    def partitions_of(self, table: Name) -> tuple[Table, ...]:
        """Partitions and inheritance children of one table, one level down."""
        return tuple(t for t in self.tables.values() if table in t.parents)
