"""ADD FOREIGN KEY without holding writers of both tables through the scan: NOT VALID, then VALIDATE.

Source: reference recipe R05; measured on 15 and 18.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Name, TableKind
from watari.planning.constraints import constraint_name
from watari.planning.partitions import below_table, leaves
from watari.planning.plan import Phase
from watari.planning.rewrite import Form, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, only_subcommand
from watari.planning.validation import DROP, DROP_IF_THERE, for_a_moment, in_two_steps, not_valid, validate
from watari.sql.compose import composed


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    constraint, table = getattr(part.node, "def").constraint, scene.table(part.table)
    if constraint.skip_validation or not constraint.is_enforced or table is None or not scene.is_large(part.table):
        return None
    own, parent = copied(constraint), scene.name_of(constraint.pktable)
    own.pktable.schemaname, own.pktable.relname = parent.schema, parent.name
    name = constraint_name(part.table, constraint, scene)
    if table.kind is TableKind.PARTITIONED and scene.catalog.major < 18:
        return tuple(_partition_by_partition(own, name, parent, part, scene))
    return in_two_steps(own, name, part)


def _partition_by_partition(constraint: Any, name: str, parent: Name, part: Part, scene: Scene) -> Iterator[Piece]:
    """Before 18 only a partition can have a key that is not validated; the table's own then takes those that are there."""
    gone = composed(DROP_IF_THERE, table=part.table, name=name)
    for leaf in leaves(part.table, scene):
        own = (gone, composed(DROP_IF_THERE, table=leaf.name, name=name))
        yield Piece(sql=(not_valid(constraint, name, leaf.name),), phase=Phase.EXPAND, undo=own)
        yield validate(leaf.name, name)
    command = copied(part.node)
    getattr(command, "def").constraint.CopyFrom(constraint)
    getattr(command, "def").constraint.conname = name
    locked = (part.table, parent, *(each.name for each in below_table(part.table, scene)))
    yield Piece(
        sql=(deparsed(only_subcommand(part.statement, command, part.table)),),
        phase=Phase.MIGRATE,
        effects=tuple(for_a_moment(each) for each in dict.fromkeys(locked)),
        undo=(composed(DROP, table=part.table, name=name),),
    )


FORM = Form(
    name="validated-foreign-key",
    policy="foreign_key",
    keys=("AT_AddConstraint.CONSTR_FOREIGN",),
    rewrite=_rewrite,
)
