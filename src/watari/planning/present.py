"""The catalog in the middle of a plan: the live one, with the plan's changes to what was there before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from watari.catalog import Catalog, Constraint, Index, Name, Table
from watari.values import replace

__all__ = ["present"]


def present(
    catalog: Catalog,
    created: Collection[Name],
    relations: Mapping[Name, Table | Callable[[], Table] | None],
    indexes: Mapping[Name, Index | None],
    constraints: Mapping[Name, Mapping[str, Constraint]],
) -> Catalog:
    """`catalog` with tables, indexes and constraints as changed; None stands for what is gone.

    Left out is what the plan itself `created`, and what is on it; so are definitions that a rename has made out of date.
    """
    tables = dict(catalog.tables)
    for name, table in relations.items():
        if table is None:
            tables.pop(name, None)
        elif not callable(table) and name not in created:
            tables[name] = table
    there = {**catalog.indexes, **indexes}
    changed = [c for name, found in constraints.items() if name not in created for c in found.values()]
    return replace(
        catalog,
        tables=tables,
        indexes={name: i for name, i in there.items() if i and i.definition and i.table not in created},
        constraints=(
            *(c for c in catalog.constraints if c.table not in constraints),
            *(c for c in changed if c.definition),
        ),
    )
