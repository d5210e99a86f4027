"""CREATE, ALTER and RENAME of publications: the tables that come and go are locked as maintenance does, and their children."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Name, TableKind, quoted
from watari.risk.footprint import Footprint
from watari.sql.grammar import choice

_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE


def create_publication(statement: Any, footprint: Footprint) -> None:
    """CREATE PUBLICATION: the tables that are named; FOR ALL TABLES and those of schemas are not locked."""
    tables = _named(statement, footprint)
    footprint.world.tell("publish", quoted(statement.pubname), None if statement.for_all_tables else frozenset(tables))


def alter_publication(statement: Any, footprint: Footprint) -> None:
    """ALTER PUBLICATION ADD, DROP, SET: SET locks what leaves the publication too; one of options locks nothing."""
    publication, world = quoted(statement.pubname), footprint.world
    before = world.published().get(publication, frozenset())
    if not statement.pubobjects or before is None:
        return
    named, action = frozenset(_named(statement, footprint)), choice(statement, "action")
    if action == "AP_SetObjects":
        for table in before - named:
            footprint.lock(table, _SUE)
        world.tell("publish", publication, named)
    else:
        world.tell("publish", publication, before - named if action == "AP_DropObjects" else before | named)


def _named(statement: Any, footprint: Footprint) -> dict[Name, None]:
    """The tables that are named, with their children where they are not partitioned, each locked."""
    found: dict[Name, None] = {}
    for node in statement.pubobjects:
        spec = node.publication_obj_spec
        table = footprint.relation(spec.pubtable.relation) if spec.HasField("pubtable") else None
        if table is None:
            continue
        below = spec.pubtable.relation.inh and table.kind is not TableKind.PARTITIONED
        for member in footprint.world.family(table.name) if below else (table.name,):
            footprint.lock(member, _SUE)
            found[member] = None
    return found


FORESEES = {"create_publication_stmt": create_publication, "alter_publication_stmt": alter_publication}
