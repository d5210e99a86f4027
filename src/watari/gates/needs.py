"""About how much disk a plan takes on the server, from its effects and the sizes of what they touch.

A rewrite writes the table and its indexes anew and keeps the old files until it commits (measured: reference, lock forms); an
index build needs the index and as much again for its sort; each also goes into the log. These are estimates for a gate, not
promises: a table without statistics is taken at its size on disk.
"""

from __future__ import annotations

from watari.catalog import Catalog, Table
from watari.planning.plan import Plan, Step

#: An index on one or two columns of an ordinary table, against its heap. Its sort needs as much again.
_INDEX_SHARE = 0.3


def needed_bytes(plan: Plan, catalog: Catalog) -> int:
    """Bytes that the steps write to the server's disk, its log included, if none of it is given back meanwhile."""
    tables = {str(name): table for name, table in catalog.tables.items()}
    return round(sum(_of_step(step, tables) for step in plan.steps))


def _of_step(step: Step, tables: dict[str, Table]) -> float:
    written = 0.0
    for effect in step.effects:
        table = tables.get(effect.relation)
        if table is None or effect.created:
            continue
        if effect.rewrite:
            written += 2 * (table.bytes + table.index_bytes)
        elif step.settle and step.settle.kind in ("index_valid", "reindexed"):
            written += 3 * _INDEX_SHARE * table.bytes
        elif effect.rows and table.rows:
            written += 2 * min(1.0, effect.rows / table.rows) * (table.bytes + table.index_bytes)
    if step.backfill and (table := tables.get(step.backfill.table)):
        written += 2 * (table.bytes + table.index_bytes)
    return written
