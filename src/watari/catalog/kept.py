"""What a run kept of what it dropped, replaced or renamed, until a person lets it go; and the catalog without it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from watari.catalog.name import Name, quoted
from watari.values import dataclass, replace

if TYPE_CHECKING:
    from watari.catalog.catalog import Catalog
    from watari.catalog.objects import Table

__all__ = ["Kept", "KeptKind", "KeptThing", "without_kept"]


class KeptKind(StrEnum):
    """What was kept, and where it is now."""

    COLUMN = "column"  # dropped: in its table, under a name that says so
    REPLACED = "replaced"  # of another type now: likewise, and written backwards by a trigger
    TABLE = "table"  # dropped: in watari's schema
    SCHEMA = "schema"  # dropped with what is in it: under a name that says so
    NAME = "name"  # of a renamed table: a view under the old name
    COLUMN_NAME = "column_name"  # of a renamed column: a second column under the old name, kept equal by a trigger
    ROWS = "rows"  # deleted: copied into a table in watari's schema, in the transaction that deletes them
    VALUES = "values"  # overwritten: likewise, by key, beside the values that were written


#: What was copied aside, into a table of watari's own.
COPIED = frozenset({KeptKind.ROWS, KeptKind.VALUES})


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One thing that is kept.

    `object` is what people called it (`public.orders.total`), `relation` the table, or view, that holds it or that it is
    now (`str(Name)`), `column` its name there. `parts` are what else of it is on the relation, by kind ("trigger",
    "function", "index", "constraint") and name; of a name, what goes by the new one ("table", "column"); of rows and values
    that were copied aside, the `column`s. `run`, `number` and `kept_at` are known once it has been kept.
    """

    kind: KeptKind
    object: str
    migration: str
    relation: str
    column: str | None = None
    parts: tuple[tuple[str, str], ...] = ()
    run: str = ""
    number: int | None = None
    kept_at: datetime | None = None

    @property
    def place(self) -> str:
        """Where it is now, as people read it."""
        return f"{self.relation}.{quoted(self.column)}" if self.column else self.relation

    @property
    def is_name(self) -> bool:
        """Whether it is a name by which something goes on, and no rows or values of its own."""
        return self.kind in (KeptKind.NAME, KeptKind.COLUMN_NAME)

    @property
    def new_name(self) -> str:
        """What goes by another name now, where a name is kept."""
        return self.part("table") or self.part("column") or ""

    @property
    def holds(self) -> tuple[str, ...]:
        """What is whole in it, as people called it: nothing of a copy, which holds what one statement took away."""
        if self.kind is KeptKind.SCHEMA:
            return tuple(name for kind, name in self.parts if kind == "table")
        return () if self.kind in COPIED else (self.object,)

    def part(self, kind: str) -> str | None:
        """The name of its part of one kind."""
        return next((name for known, name in self.parts if known == kind), None)


@dataclass(frozen=True)
class KeptThing:
    """What is kept, with the rows (of a column: values) and bytes that it holds, as estimated at the last ANALYZE."""

    kept: Kept
    rows: int
    bytes: int

    def due(self, keep: float, now: datetime) -> bool:
        """Whether it has been kept for as long as the policy says, in seconds."""
        return self.kept.kept_at is not None and (now - self.kept.kept_at).total_seconds() >= keep


def without_kept(catalog: Catalog) -> Catalog:
    """The catalog as if everything that is kept had been let go: what fingerprints and comparisons speak of."""
    if not catalog.kept:
        return catalog
    columns: dict[str, set[str]] = {}
    for kept in catalog.kept:
        columns.setdefault(kept.relation, set()).update([kept.column] if kept.column else [])
    views = {kept.relation for kept in catalog.kept if kept.kind is KeptKind.NAME}
    triggers = {(kept.relation, kept.part("trigger")) for kept in catalog.kept}

    def of_kept(relation: Name, named: tuple[str | None, ...]) -> bool:
        return not columns.get(str(relation), _NONE).isdisjoint(named)

    tables = {
        name: _without_columns(table, hidden) if hidden else table
        for name, table in catalog.tables.items()
        if str(name) not in views
        for hidden in (columns.get(str(name), _NONE),)
    }
    places = {kept.place for kept in catalog.kept if kept.column}
    parts = {name for kept in catalog.kept for kind, name in kept.parts if kind == "index"}
    return replace(
        catalog,
        tables=tables,
        indexes={
            name: index
            for name, index in catalog.indexes.items()
            if str(name) not in parts and not of_kept(index.table, (*index.columns, *index.included))
        },
        constraints=tuple(c for c in catalog.constraints if not of_kept(c.table, c.columns)),
        sequences={name: s for name, s in catalog.sequences.items() if s.owned_by not in places},
        triggers=tuple(t for t in catalog.triggers if (str(t.table), t.name) not in triggers),
    )


_NONE: frozenset[str] = frozenset()


def _without_columns(table: Table, hidden: Collection[str]) -> Table:
    left = sorted((c for c in table.columns if c.name not in hidden), key=lambda column: column.position)
    columns = tuple(replace(c, position=place) for place, c in enumerate(left, 1))  # counted as if it were gone
    return replace(table, columns=columns)
