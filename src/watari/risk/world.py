"""What is known of the database at one place of the migrations: the live catalog, as the statements before have changed it.

A world changes while statements are foreseen (`watari.risk.effects`); how it is changed stands in `watari.risk.told`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from watari.catalog import Name, Routine, TableKind, Type
from watari.risk.renames import Renames
from watari.risk.told import NEWEST, TEMPORARY
from watari.sql.grammar import TypeRef, Written, type_ref

__all__ = ["NEWEST", "TEMPORARY", "World"]

_OWN_SCHEMAS = frozenset({"public", "information_schema", "watari"})


class World(Renames):
    """The catalog at one place. Without a catalog every relation that a statement names is assumed to be there.

    `created` are relations that nobody uses yet, made by statements before this place.
    """

    # -- finding --------------------------------------------------------------------------------------------------------

    def resolve(self, written: Written) -> Name:
        """The relation that the server would find under this name; of an absent one, where it would be made."""
        if written.schema:
            return Name(TEMPORARY if written.schema.startswith("pg_temp") else written.schema, written.name)
        for schema in (TEMPORARY, *self.search_path) if self._temporary else self.search_path:
            name = Name(schema, written.name)
            if self.exists(name):
                return name
        return Name(next(iter(self.search_path), "public"), written.name)

    def resolve_type(self, ref: TypeRef) -> Type | None:
        """The enum, domain or composite type that people made; None for one of PostgreSQL's own or of an extension."""
        for schema in (ref.schema,) if ref.schema else self.search_path:
            found = self.type(Name(schema, ref.name))
            if found:
                return found
        return None

    def type_named(self, type_name: Any) -> Name:
        """The type that a TypeName node names, known or not."""
        ref = type_ref(type_name)
        found = self.resolve_type(ref)
        return found.name if found else Name(ref.schema or next(iter(self.search_path), "public"), ref.name)

    def domains(self) -> Iterator[Type]:
        """Every domain."""
        for name in {**self._live("types"), **self._types}:
            found = self.type(name)
            if found and found.kind == "d":
                yield found

    def exists(self, name: Name) -> bool:
        """Whether a relation of any kind has this name."""
        known = self.table(name) is not None or name in self._created
        return known or self.index(name) is not None or self.sequence(name) is not None

    def is_seen(self, name: Name) -> bool:
        """Whether more is known of the relation than that statements name it (an assumed one has no owner)."""
        table = self.table(name)
        return bool(table.owner) if table else self.exists(name)

    def routines(self, written: Written) -> tuple[Routine, ...]:
        """The functions and procedures of this name that people made, whatever their arguments."""
        schemas = (written.schema,) if written.schema else self.search_path
        names = [Name(schema, written.name) for schema in schemas]
        return tuple([routine for name in dict.fromkeys(names) for routine in self.routines_named(name)])

    @property
    def event_triggers(self) -> tuple[str, ...]:
        """The event triggers of the live database that are not disabled."""
        return self._ground.event_triggers if self._ground else ()

    def typed(self, type_: Name) -> tuple[Name, ...]:
        """The tables that are OF a composite type."""
        return tuple([table.name for table in self.tables() if table.of_type == type_])

    def names_in(self, schema: str) -> Iterator[tuple[str, tuple[Name, ...]]]:
        """Everything in a schema that has a name of its own, by the change that renames it."""
        owned = {s.name for table in self.tables() for s in self.sequences_of(table.name)}
        live, ours = self._live, dict.fromkeys(self._created)
        kinds: tuple[tuple[str, Iterable[Name]], ...] = (
            ("rename_table", [table.name for table in self.tables()]),
            ("rename_sequence", [n for n in {**live("sequences"), **self._sequences, **ours} if self._numbers(n)]),
            ("rename_type", {**live("types"), **self._types}),
            (
                "rename_routines",
                {r.name: None for r in (self.catalog.routines if self.catalog else ())} | self._routines,
            ),
        )
        for change, names in kinds:
            yield change, tuple(name for name in names if name.schema == schema and name not in owned)

    def _numbers(self, name: Name) -> bool:
        """Whether the name is a sequence's; of one that was made nothing else is known."""
        made = name in self._created and self.table(name) is None and self.index(name) is None
        return made or self.sequence(name) is not None

    def prepared(self, name: str) -> Any | None:
        """The tree of a statement that was prepared before this place."""
        return self._prepared.get(name)

    def has_schema(self, schema: str) -> bool:
        """Whether there is such a schema: the server's own, a live one, or one that statements before made."""
        if schema in _OWN_SCHEMAS or schema.startswith("pg_") or schema in self._schemas:
            return True
        return self.catalog is None or schema in self.catalog.schemas

    # -- what hangs on a table --------------------------------------------------------------------------------------------

    def family(self, table: Name) -> tuple[Name, ...]:
        """The table and everything below it, parents first."""
        found = dict.fromkeys((table,))
        for child in self.children_of(table):
            found.update(dict.fromkeys(self.family(child)))
        return tuple(found)

    def written_name(self, table: Name, column: str) -> str:
        """What definitions that were written before a column was renamed call it."""
        return self._called.get((table, column), column)

    # -- whether it matters -----------------------------------------------------------------------------------------------

    def is_new(self, name: Name) -> bool:
        """Whether statements before this place (or this one) made the relation, so that nobody waits for it."""
        return name in self._created or name.schema == TEMPORARY

    def is_empty(self, name: Name) -> bool:
        """Whether the relation holds no rows, so that no work on it takes time."""
        table = self.table(name)
        if table is None or name in self._filled or table.kind is TableKind.FOREIGN:
            return False
        if table.kind is TableKind.PARTITIONED:
            return all(self.is_empty(child) for child in self.children_of(name))
        return table.pages == 0 and table.bytes < 32_768 and not table.rows

    def is_leaf(self, name: Name) -> bool:
        """Whether the relation holds rows itself (a partitioned table does not, and a foreign one holds them elsewhere)."""
        table = self.table(name)
        return table is None or table.kind not in (TableKind.PARTITIONED, TableKind.VIEW, TableKind.FOREIGN)
