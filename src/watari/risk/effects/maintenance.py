"""VACUUM, ANALYZE, CLUSTER."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Name, TableKind
from watari.risk.causes import Why
from watari.risk.footprint import Footprint
from watari.sql.grammar import option_words

_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE
#: VACUUM and ANALYZE go down to inheritance children since then.
_CHILDREN_TOO = 18
_HOLD_ROWS = (TableKind.TABLE, TableKind.MATERIALIZED_VIEW)


def vacuum(statement: Any, footprint: Footprint) -> None:
    """VACUUM and ANALYZE let readers and writers pass; VACUUM FULL writes the table anew and closes it."""
    full = option_words(statement.options).get("full", "false") in ("true", "on", "1")
    for name, below in _tables(statement, footprint):
        analyzes = not statement.is_vacuumcmd or "analyze" in option_words(statement.options)
        whole = analyzes or not footprint.world.is_leaf(name) or footprint.world.major >= _CHILDREN_TOO
        members = footprint.world.family(name) if below and whole else (name,)
        if analyzes and not below and not footprint.world.is_leaf(name):
            _sample(name, footprint)
        for member in members:
            if full:
                footprint.rewrite_whole(member, Why.VACUUM_FULL)
                continue
            inherited = member != name and footprint.world.is_leaf(name) and footprint.world.major < _CHILDREN_TOO
            footprint.lock(member, LockMode.ACCESS_SHARE if inherited else _SUE)
            if statement.is_vacuumcmd and _cuts(member, statement, footprint):
                footprint.lock(member, LockMode.ACCESS_EXCLUSIVE)
            if footprint.world.is_leaf(member):
                footprint.scan(member, Why.MAINTENANCE)
            if statement.is_vacuumcmd:
                footprint.lock_indexes(member, LockMode.ROW_EXCLUSIVE)


def _sample(table: Name, footprint: Footprint) -> None:
    """ANALYZE ONLY of a partitioned table looks at rows of the partitions, and keeps nothing about these."""
    for member in footprint.world.family(table)[1:]:
        footprint.lock(member, LockMode.ACCESS_SHARE)
        footprint.scan(member, Why.MAINTENANCE)


#: The share of dead rows above which the end of the file is all but surely empty. VACUUM cuts it off where that frees a
#: sixteenth of the pages (`REL_TRUNCATE_FRACTION`), closed to readers, and gives way to whoever waits.
_MOST = 0.9


def _cuts(table: Name, statement: Any, footprint: Footprint) -> bool:
    """Whether VACUUM will find an empty end to cut off: told by how many rows are dead."""
    known = footprint.world.table(table)
    if known is None or "vacuum_truncate=false" in known.options:
        return False
    if option_words(statement.options).get("truncate", "true") not in ("true", "on", "1"):
        return False
    return known.dead_share > _MOST


def _tables(statement: Any, footprint: Footprint) -> tuple[tuple[Name, bool], ...]:
    """The tables, and whether those below them are meant too."""
    if statement.rels:
        named = ((footprint.relation(node.vacuum_relation.relation), node) for node in statement.rels)
        return tuple((table.name, node.vacuum_relation.relation.inh) for table, node in named if table)
    footprint.unknown = not footprint.world.known
    return tuple((table.name, True) for table in footprint.world.tables() if table.kind in _HOLD_ROWS)


def cluster(statement: Any, footprint: Footprint) -> None:
    """CLUSTER writes the table anew in the order of an index, closed to everybody."""
    world = footprint.world
    if statement.HasField("relation"):
        table = footprint.relation(statement.relation)
        names = world.family(table.name) if table else ()
    else:
        names = tuple(t.name for t in world.tables() if any(index.clustered for index in world.indexes_of(t.name)))
        footprint.unknown = not world.known
    for name in names:
        footprint.rewrite_whole(name, Why.CLUSTER)


FORESEES = {"vacuum_stmt": vacuum, "cluster_stmt": cluster}
