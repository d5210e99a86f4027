"""One catalog arranged for questions: what hangs on which table. Worked out once, when first asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import TypeVar

from watari.catalog import Catalog, Constraint, Index, Name, Policy, Routine, Sequence, TableKind, Trigger
from watari.late import pattern

__all__ = ["Ground", "ground_of", "name_of", "words_of"]

Value = TypeVar("Value")
Grouped = Mapping[Name, tuple[Value, ...]]


def _grouped(pairs: Iterable[tuple[Name, Value]]) -> Grouped[Value]:
    found: dict[Name, list[Value]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return {name: tuple(values) for name, values in found.items()}


class Ground:
    """The objects of a catalog, by the table that they belong to."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    @cached_property
    def indexes(self) -> Grouped[Index]:
        """The indexes of a table."""
        return _grouped((index.table, index) for index in self.catalog.indexes.values())

    @cached_property
    def constraints(self) -> Grouped[Constraint]:
        """The constraints of a table."""
        return _grouped((constraint.table, constraint) for constraint in self.catalog.constraints)

    @cached_property
    def referencing(self) -> Grouped[Constraint]:
        """The foreign keys that point at a table."""
        return _grouped((c.references, c) for c in self.catalog.constraints if c.references is not None)

    @cached_property
    def children(self) -> Grouped[Name]:
        """Partitions and inheritance children, one level down."""
        return _grouped((parent, table.name) for table in self.catalog.tables.values() for parent in table.parents)

    @cached_property
    def views(self) -> Grouped[Name]:
        """The views and materialised views that read a relation."""
        return _grouped((source, table.name) for table in self.catalog.tables.values() for source in table.reads_from)

    @cached_property
    def guarded(self) -> Mapping[str, tuple[int, int]]:
        """Of each schema, how many of its tables have row level security, and how many there are."""
        found: dict[str, list[bool]] = defaultdict(list)
        for table in self.catalog.tables.values():
            if table.kind is TableKind.TABLE:
                found[table.name.schema].append(table.row_security)
        return {schema: (sum(secured), len(secured)) for schema, secured in found.items()}

    @cached_property
    def event_triggers(self) -> tuple[str, ...]:
        """The event triggers that are not disabled."""
        others = self.catalog.others
        return tuple(o.identity for o in others if o.kind == "event trigger" and not o.definition.endswith("enabled D"))

    @cached_property
    def publications(self) -> Mapping[str, frozenset[Name] | None]:
        """The tables of each publication; None where it has all."""
        others = (other for other in self.catalog.others if other.kind == "publication")
        return {other.identity: _published(other.definition) for other in others}

    @cached_property
    def triggers(self) -> Grouped[Trigger]:
        """The triggers of a table."""
        return _grouped((trigger.table, trigger) for trigger in self.catalog.triggers)

    @cached_property
    def routines(self) -> Grouped[Routine]:
        """The functions and procedures of a name."""
        return _grouped((routine.name, routine) for routine in self.catalog.routines)

    @cached_property
    def policies(self) -> Grouped[Policy]:
        """The policies of a table."""
        return _grouped((policy.table, policy) for policy in self.catalog.policies)

    @cached_property
    def sequences(self) -> Grouped[Sequence]:
        """The sequences that a column of a table owns."""
        return _grouped(
            (owner, sequence)
            for sequence in self.catalog.sequences.values()
            if sequence.owned_by and (owner := name_of(sequence.owned_by))
        )


_WORD = pattern(r'"((?:[^"]|"")*)"|([^."]+)')


def words_of(text: str) -> list[str]:
    """The parts of a dotted name, without their quotes."""
    return [quoted.replace('""', '"') if quoted else bare for quoted, bare in _WORD.findall(text)]


@lru_cache(maxsize=65536)
def name_of(text: str) -> Name | None:
    """The relation in `public.orders`, or in `public.orders.id`, as `str(Name)` and the catalog write them."""
    words = words_of(text)
    return Name(words[0], words[1]) if len(words) >= 2 else None


def _published(definition: str) -> frozenset[Name] | None:
    """The tables in the words of `catalog_others.sql`: an array of `regclass`, which leaves out the schema `public`."""
    if definition.startswith("all tables t"):
        return None
    listed = re.search(r" tables \{(.*)\}$", definition)
    texts = [(quoted or bare) for quoted, bare in _ELEMENT.findall(listed[1])] if listed else []
    words = [words_of(re.sub(r"\\(.)", r"\1", text)) for text in texts]
    return frozenset(Name(word[-2] if len(word) > 1 else "public", word[-1]) for word in words if word)


_ELEMENT = pattern(r'"((?:[^"\\]|\\.)*)"|([^,]+)')


class _Same:
    """A catalog as a key: the object itself, not its contents."""

    __slots__ = ("catalog",)

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __hash__(self) -> int:
        return id(self.catalog)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.catalog is self.catalog


@lru_cache(maxsize=4)
def _ground(key: _Same) -> Ground:
    return Ground(key.catalog)


def ground_of(catalog: Catalog) -> Ground:
    """The arranged catalog; the same one for the same catalog, since predictions are asked for again and again."""
    return _ground(_Same(catalog))
