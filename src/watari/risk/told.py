"""The live catalog as the statements before have changed it: one thing after the other is told, and what is told is kept.

What a world was told is kept in a journal, so that another one, the world before the statement, can be brought to the same
place afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from watari.catalog import (
    Catalog,
    Constraint,
    ConstraintKind,
    Index,
    Name,
    Policy,
    Routine,
    Sequence,
    Table,
    Trigger,
    Type,
)
from watari.risk.ground import Grouped, ground_of
from watari.values import replace

__all__ = ["NEWEST", "TEMPORARY", "Told"]

#: The server that is assumed where none is at hand: the newest that is supported.
NEWEST = 18
#: Where a session's temporary relations are, whatever the schema is really called.
TEMPORARY = "pg_temp"

_UNCHANGED: Any = object()
_NOTHING: Mapping[Name, Any] = {}


class Told:
    """What is there, and what hangs on it. Without a catalog every relation that a statement names is assumed to be there.

    `created` are relations that nobody uses yet, made by statements before this place.
    """

    def __init__(self, catalog: Catalog | None, created: Iterable[Name] = ()) -> None:
        self.catalog = catalog
        self._ground = ground_of(catalog) if catalog else None
        self.known = catalog is not None
        self.major = catalog.major if catalog else NEWEST
        self.search_path = catalog.search_path if catalog else ("public",)
        self.timezone = catalog.settings.get("TimeZone", "UTC") if catalog else None
        self.journal: list[tuple[str, tuple[Any, ...]]] = []
        self._created = set(created)
        self._filled: set[Name] = set()
        self._schemas: set[str] = set()
        self._called: dict[tuple[Name, str], str] = {}  # renamed columns: what texts written before call them
        self._formerly: dict[Name, Name] = {}  # renamed relations: what the live database calls them
        self.moves: list[tuple[Name, Name]] = []  # the same, one after the other, until somebody takes note
        self._temporary = any(name.schema == TEMPORARY for name in self._created)
        self._live_tables: Mapping[Name, Table] = catalog.tables if catalog else _NOTHING
        self._live_indexes: Mapping[Name, Index] = catalog.indexes if catalog else _NOTHING
        self._live_sequences: Mapping[Name, Sequence] = catalog.sequences if catalog else _NOTHING
        self._tables: dict[Name, Table | None] = {}
        self._indexes: dict[Name, Index | None] = {}
        self._sequences: dict[Name, Sequence | None] = {}
        self._types: dict[Name, Type | None] = {}
        self._routines: dict[Name, tuple[Routine, ...]] = {}
        self._gone_routines: set[Name] = set()  # whose live ones are called otherwise by now
        self._publications: dict[str, frozenset[Name] | None] = {}
        self._unpublished: set[str] = set()  # publications that are gone, or called otherwise
        self._prepared: dict[str, Any] = {}
        self._by_table: dict[str, dict[Name, tuple[Any, ...]]] = {}

    @property
    def moved(self) -> bool:
        """Whether a relation is called otherwise than in the live database."""
        return bool(self._formerly)

    # -- one thing -------------------------------------------------------------------------------------------------------

    def table(self, name: Name) -> Table | None:
        """The table or view of this name."""
        found = self._tables.get(name, _UNCHANGED)
        return self._live_tables.get(name) if found is _UNCHANGED else found

    def tables(self) -> Iterator[Table]:
        """Every table and view."""
        for name in {**self._live("tables"), **self._tables}:
            if table := self.table(name):
                yield table

    def index(self, name: Name) -> Index | None:
        """The index of this name."""
        found = self._indexes.get(name, _UNCHANGED)
        return self._live_indexes.get(name) if found is _UNCHANGED else found

    def sequence(self, name: Name) -> Sequence | None:
        """The sequence of this name."""
        found = self._sequences.get(name, _UNCHANGED)
        return self._live_sequences.get(name) if found is _UNCHANGED else found

    def routines_named(self, name: Name) -> tuple[Routine, ...]:
        """The functions and procedures of this very name, whatever their arguments."""
        made = self._routines.get(name, ())
        live = self._ground.routines.get(name, ()) if self._ground and name not in self._gone_routines else ()
        again = {routine.takes for routine in made}  # made anew, in place of the live ones
        return (*made, *(routine for routine in live if routine.takes not in again)) if made else live

    def published(self) -> Mapping[str, frozenset[Name] | None]:
        """The tables of each publication, by its quoted name; None where it has all."""
        live = self._ground.publications if self._ground else {}
        if not self._publications and not self._unpublished:
            return live
        return {k: v for k, v in {**live, **self._publications}.items() if k not in self._unpublished}

    def type(self, name: Name) -> Type | None:
        """The enum, domain or composite type of this name that people made."""
        return self._types[name] if name in self._types else self._live("types").get(name)

    # -- what hangs on a table --------------------------------------------------------------------------------------------

    def indexes_of(self, table: Name) -> tuple[Index, ...]:
        """The indexes of a table."""
        return self._of("indexes", table)

    def constraints_of(self, table: Name, kind: ConstraintKind | None = None) -> tuple[Constraint, ...]:
        """The constraints of a table, of one kind if given."""
        found: tuple[Constraint, ...] = self._of("constraints", table)
        return found if kind is None else tuple(c for c in found if c.kind is kind)

    def constraint(self, table: Name, name: str) -> Constraint | None:
        """One constraint of a table."""
        return next((each for each in self.constraints_of(table) if each.name == name), None)

    def referencing(self, table: Name) -> tuple[Constraint, ...]:
        """The foreign keys that point at a table."""
        return self._of("referencing", table)

    def children_of(self, table: Name) -> tuple[Name, ...]:
        """Partitions and inheritance children, one level down."""
        return self._of("children", table)

    def views_of(self, relation: Name) -> tuple[Name, ...]:
        """The views that read a relation."""
        return self._of("views", relation)

    def triggers_of(self, table: Name) -> tuple[Trigger, ...]:
        """The triggers of a table."""
        return self._of("triggers", table)

    def policies_of(self, table: Name) -> tuple[Policy, ...]:
        """The policies of a table."""
        return self._of("policies", table)

    def sequences_of(self, table: Name, column: str | None = None) -> tuple[Sequence, ...]:
        """The sequences that a table's columns own; of one column if given."""
        found: tuple[Sequence, ...] = self._of("sequences", table)
        if column is None:
            return found
        if not found:
            return ()
        return tuple(s for s in found if (s.owned_by or "").endswith((f".{column}", f'."{column}"')))

    # -- changes ----------------------------------------------------------------------------------------------------------

    def tell(self, change: str, *values: Any) -> None:
        """One change, by the name of a method below; it is kept in the journal."""
        self.journal.append((change, values))
        getattr(self, "_" + change)(*values)

    def follow(self, ahead: Told) -> None:
        """Makes the changes that another world was told since it was last followed."""
        for change, values in ahead.journal:
            getattr(self, "_" + change)(*values)
        ahead.journal.clear()

    def _create(self, *names: Name) -> None:
        self._created.update(names)
        self._temporary = self._temporary or any(name.schema == TEMPORARY for name in names)

    def _put_schema(self, schema: str) -> None:
        self._schemas.add(schema)

    def _call_column(self, table: Name, old: str, new: str) -> None:
        self._called[table, new] = self._called.pop((table, old), old)

    def _fill(self, table: Name) -> None:
        self._filled.add(table)

    def _set_path(self, path: tuple[str, ...]) -> None:
        self.search_path = path

    def _set_timezone(self, zone: str | None) -> None:
        self.timezone = zone

    def _put_table(self, table: Table) -> None:
        if self.table(table.name) is None:
            for parent in table.parents:
                self._add("children", parent, table.name)
            for source in table.reads_from:
                self._add("views", source, table.name)
        self._tables[table.name] = table

    def _drop_table(self, name: Name) -> None:
        table = self.table(name)
        for index in self.indexes_of(name):
            self._indexes[index.name] = None
        for constraint in self.constraints_of(name):
            if constraint.references:
                self._remove("referencing", constraint.references, lambda c: c.table == name)
        for sequence in self.sequences_of(name):
            self._sequences[sequence.name] = None
        for parent in table.parents if table else ():
            self._remove("children", parent, lambda child: child == name)
        for source in table.reads_from if table else ():
            self._remove("views", source, lambda view: view == name)
        for group in ("indexes", "constraints", "triggers", "policies", "sequences"):
            self._by_table.setdefault(group, {})[name] = ()
        self._tables[name] = None
        self._created.discard(name)

    def _put_index(self, index: Index) -> None:
        self._remove("indexes", index.table, lambda other: other.name == index.name)
        self._add("indexes", index.table, index)
        self._indexes[index.name] = index

    def _drop_index(self, name: Name) -> None:
        index = self.index(name)
        if index:
            self._remove("indexes", index.table, lambda other: other.name == name)
        self._indexes[name] = None

    def _put_constraint(self, constraint: Constraint) -> None:
        self._drop_constraint(constraint.table, constraint.name)
        self._add("constraints", constraint.table, constraint)
        if constraint.references:
            self._add("referencing", constraint.references, constraint)

    def _constrain(self, table: Name, constraints: tuple[Constraint, ...], indexes: tuple[Index, ...]) -> None:
        """A new table gets all of its constraints and their indexes."""
        self._by_table.setdefault("constraints", {})[table] = constraints
        self._by_table.setdefault("indexes", {})[table] = indexes
        for index in indexes:
            self._indexes[index.name] = index
        for constraint in constraints:
            if constraint.references:
                self._add("referencing", constraint.references, constraint)

    def _drop_constraint(self, table: Name, name: str) -> None:
        constraint = self.constraint(table, name)
        if constraint is None:
            return
        self._remove("constraints", table, lambda other: other.name == name)
        if constraint.references:
            self._remove("referencing", constraint.references, lambda c: c.table == table and c.name == name)

    def _put_trigger(self, trigger: Trigger) -> None:
        self._remove("triggers", trigger.table, lambda other: other.name == trigger.name)
        self._add("triggers", trigger.table, trigger)

    def _drop_trigger(self, table: Name, name: str) -> None:
        self._remove("triggers", table, lambda other: other.name == name)

    def _put_policy(self, policy: Policy) -> None:
        self._add("policies", policy.table, policy)

    def _drop_policy(self, table: Name, name: str) -> None:
        self._remove("policies", table, lambda other: other.name == name)

    def _put_sequence(self, sequence: Sequence, owner: Name | None) -> None:
        self._sequences[sequence.name] = sequence
        if owner:
            self._remove("sequences", owner, lambda other: other.name == sequence.name)
            self._add("sequences", owner, sequence)

    def _drop_sequence(self, name: Name) -> None:
        self._sequences[name] = None

    def _drop_routines(self, name: Name) -> None:
        self._routines[name] = ()
        self._gone_routines.add(name)

    def _publish(self, publication: str, tables: frozenset[Name] | None) -> None:
        self._publications[publication] = tables
        self._unpublished.discard(publication)

    def _unpublish(self, publication: str) -> None:
        self._unpublished.add(publication)

    def _put_type(self, type_: Type) -> None:
        self._types[type_.name] = type_

    def _drop_type(self, name: Name) -> None:
        self._types[name] = None

    def _put_routine(self, routine: Routine) -> None:
        self._routines[routine.name] = (routine, *self._routines.get(routine.name, ()))

    def _prepare(self, name: str, query: Any) -> None:
        self._prepared[name] = query

    def _attach(self, parent: Name, child: Name) -> None:
        table = self.table(child)
        if table:
            self._tables[child] = replace(table, parents=(*table.parents, parent))
            self._add("children", parent, child)

    def _detach(self, parent: Name, child: Name) -> None:
        table = self.table(child)
        if table:
            self._tables[child] = replace(table, parents=tuple(p for p in table.parents if p != parent))
        self._remove("children", parent, lambda other: other == child)

    # -- overlays ---------------------------------------------------------------------------------------------------------

    def _live(self, what: str) -> Mapping[Name, Any]:
        return getattr(self.catalog, what) if self.catalog else _NOTHING

    def _of(self, group: str, table: Name) -> tuple[Any, ...]:
        overlay = self._by_table.get(group)
        if overlay is not None and table in overlay:
            return overlay[table]
        if self._ground is None:
            return ()
        grouped: Grouped[Any] = getattr(self._ground, group)
        return grouped.get(table, ())

    def _add(self, group: str, table: Name, value: Any) -> None:
        self._by_table.setdefault(group, {})[table] = (*self._of(group, table), value)

    def _remove(self, group: str, table: Name, gone: Callable[[Any], bool]) -> None:
        kept = tuple(value for value in self._of(group, table) if not gone(value))
        self._by_table.setdefault(group, {})[table] = kept
