"""Comments, labels, privileges, extended statistics: said of a table without changing it."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode
from watari.risk.footprint import Footprint
from watari.sql.grammar import Written, choice, strings, written, written_list

_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE
_READS = LockMode.ACCESS_SHARE

_RELATIONS = frozenset({"TABLE", "VIEW", "MATVIEW", "FOREIGN_TABLE", "SEQUENCE", "INDEX"})
_PARTS = frozenset({"TABCONSTRAINT", "TRIGGER", "POLICY", "RULE"})


def describe(statement: Any, footprint: Footprint) -> None:
    """COMMENT and SECURITY LABEL: maintenance waits, readers and writers pass."""
    kind = choice(statement, "objtype").removeprefix("OBJECT_")
    if kind in _RELATIONS:
        _lock(written_list(statement.object), footprint, _SUE)
    elif kind == "COLUMN":
        words = strings(statement.object.list.items)
        _lock(Written(words[-3] if len(words) > 2 else None, words[-2]), footprint, _SUE)
    elif kind in _PARTS:
        words = strings(statement.object.list.items)
        _lock(Written(words[-3] if len(words) > 2 else None, words[-2]), footprint, _READS)


def _lock(name: Written, footprint: Footprint, mode: LockMode) -> None:
    resolved = footprint.world.resolve(name)
    if footprint.world.index(resolved) is None and footprint.world.sequence(resolved) is None:
        footprint.named(name)
    footprint.lock(resolved, mode)


def grant(statement: Any, footprint: Footprint) -> None:
    """GRANT and REVOKE on named relations: 15 takes no lock on them, 18 the weakest."""
    kind, target = choice(statement, "objtype"), choice(statement, "targtype")
    if target != "ACL_TARGET_OBJECT" or kind not in ("OBJECT_TABLE", "OBJECT_SEQUENCE"):
        return
    for node in statement.objects:
        name = written(node.range_var)
        if footprint.world.major >= 18:
            _lock(name, footprint, _READS)


def create_statistics(statement: Any, footprint: Footprint) -> None:
    """CREATE STATISTICS."""
    for node in statement.relations:
        if table := footprint.relation(node.range_var):
            footprint.lock(table.name, _SUE)


FORESEES = {
    "comment_stmt": describe,
    "sec_label_stmt": describe,
    "grant_stmt": grant,
    "create_stats_stmt": create_statistics,
}
