"""What a catalog holds, gathered by table once: it is asked for every statement of a plan."""

from __future__ import annotations

from functools import cached_property

from watari.catalog import Catalog, Constraint, Index, Name

__all__ = ["ByTable"]


class ByTable:
    """Constraints, indexes and partitions of one catalog by the name of their table."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def constraints(self) -> dict[Name, dict[str, Constraint]]:
        """Each table's constraints by name."""
        found: dict[Name, dict[str, Constraint]] = {}
        for constraint in self._catalog.constraints:
            found.setdefault(constraint.table, {})[constraint.name] = constraint
        return found

    @cached_property
    def indexes(self) -> dict[Name, list[Index]]:
        """Each table's indexes."""
        found: dict[Name, list[Index]] = {}
        for index in self._catalog.indexes.values():
            found.setdefault(index.table, []).append(index)
        return found

    @cached_property
    def children(self) -> dict[Name, set[Name]]:
        """The partitions and inheritance children of each table, one level down."""
        found: dict[Name, set[Name]] = {}
        for table in self._catalog.tables.values():
            for parent in table.parents:
                found.setdefault(parent, set()).add(table.name)
        return found
