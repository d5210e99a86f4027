"""A table that leaves those above it, and joins them again without a row being read under a lock that others wait for.

Source: documentation, "ALTER TABLE": ATTACH PARTITION believes a valid check, and takes foreign keys that are there;
`tryAttachPartitionForeignKey` (tablecmds.c).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Constraint, ConstraintKind, Name, Table, TableKind
from watari.planning import definitions
from watari.planning.bounds import bound_of, key_of_table
from watari.planning.family import family_of
from watari.planning.keeping import orphans, stays_unproved
from watari.planning.plan import Back, Note
from watari.planning.rewrite import own_name
from watari.planning.scene import Scene
from watari.planning.trees import parsed
from watari.planning.validation import DROP
from watari.sql.compose import Raw, composed

__all__ = ["attached_again", "held_by", "joins_parent", "leaves_parent", "whole_key"]

_ELSEWHERE = Note(
    en="{{count}} rows that belong into {table} were written into {default} since",
    ja="{table} に入るべき {{count}} 行が、その後 {default} に書き込まれています",
)


def leaves_parent(table: Table, parent: Name) -> Iterator[str]:
    """What takes the table out from below its parent."""
    detach: LiteralString = "ALTER TABLE {parent} DETACH PARTITION {table}"
    heir: LiteralString = "ALTER TABLE {table} NO INHERIT {parent}"
    yield composed(detach if table.partition_bound else heir, table=table.name, parent=parent)


def joins_parent(table: Table, parent: Name) -> Iterator[str]:
    """What makes it a child of its parent again; only the catalog is changed."""
    yield composed("ALTER TABLE {table} INHERIT {parent}", table=table.name, parent=parent)


# -- foreign keys -------------------------------------------------------------------------------------------------------


def held_by(key: Constraint, scene: Scene) -> tuple[Constraint, ...]:
    """The key itself, or those of the partitions that hold the rows: before 18 none of a partitioned table can be NOT VALID."""
    holder = scene.table(key.table)
    if holder is None or holder.kind is not TableKind.PARTITIONED:
        return (key,)
    leaves = (each for each in family_of(holder, scene) if each.kind is not TableKind.PARTITIONED)
    return tuple(own for leaf in leaves for own in scene.constraints(leaf.name).values() if _is_part(own, key))


def _is_part(own: Constraint, key: Constraint) -> bool:
    same = own.columns == key.columns and own.references == key.references
    return own.kind is ConstraintKind.FOREIGN_KEY and same and own.inherited


def whole_key(key: Constraint, now: Name, scene: Scene, parent: Name | None) -> Iterator[Back]:
    """The key of a partitioned table, made of what its partitions have by now: nothing is read for it."""
    words = {"table": str(key.table), "name": key.name}
    yield Back(
        sql=definitions.constraint(key, scene.indexes_of(key.table)),
        unless=orphans(key, now, {}, parent),
        lacking=stays_unproved(**words),
    )


# -- a partition --------------------------------------------------------------------------------------------------------


def attached_again(table: Table, scene: Scene) -> Iterator[Back]:
    """ATTACH PARTITION with checks from which the server sees that neither it nor the default partition has to be read."""
    (parent,) = table.parents
    above, node = scene.table(parent), _attaching(table, parent)
    key = key_of_table(above) if above else None
    bound = bound_of(key, node.bound) if key else None
    default = next((p for p in scene.partitions_of(parent) if p.partition_bound == "DEFAULT"), None)
    proofs: list[tuple[Name, str, str]] = []
    if bound:
        proofs.append((table.name, own_name("bound"), bound))
        if default and default.name != table.name:
            yield from _not_elsewhere(table, default, bound)
            if scene.is_large(default.name):
                proofs.append((default.name, own_name("outside", table.name.name), f"NOT ({bound})"))
    for place, name, holds in proofs:
        add: LiteralString = "ALTER TABLE {place} ADD CONSTRAINT {name} CHECK ({holds}) NOT VALID"
        yield Back(sql=(composed(add, place=place, name=name, holds=Raw(holds)),))
        validate: LiteralString = "ALTER TABLE {place} VALIDATE CONSTRAINT {name}"
        yield Back(sql=(composed(validate, place=place, name=name),), scans=True)
    dropped = (composed(DROP, table=place, name=name) for place, name, _ in proofs)
    yield Back(sql=(_attach(table, parent), *dropped))


def _attach(table: Table, parent: Name) -> str:
    template: LiteralString = "ALTER TABLE {parent} ATTACH PARTITION {table} {bound}"
    return composed(template, parent=parent, table=table.name, bound=Raw(table.partition_bound or ""))


def _attaching(table: Table, parent: Name) -> Any:
    command = parsed(_attach(table, parent)).alter_table_stmt.cmds[0].alter_table_cmd
    return getattr(command, "def").partition_cmd


def _not_elsewhere(table: Table, default: Table, bound: str) -> Iterator[Back]:
    """Rows that came since, and found room in the default partition, have no place beside the one that comes back."""
    query = composed("SELECT count(*) FROM {default} WHERE {bound}", default=default.name, bound=Raw(bound))
    words = {"table": str(table.name), "default": str(default.name)}
    lacking = Note(en=_ELSEWHERE.en.format(**words), ja=_ELSEWHERE.ja.format(**words))
    yield Back(unless=query, lacking=lacking, refuses=True)
