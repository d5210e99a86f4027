"""CREATE INDEX without stopping writes: CONCURRENTLY, under the name that the statement as written would have given.

Source: reference recipe R10; documentation, "Building Indexes Concurrently".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Name, TableKind
from watari.planning.partitions import Member, members, obstacle_to_members
from watari.planning.plan import Phase, Settle, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.planning.statements.create_index import index_of, name_of, there
from watari.planning.trees import copied, deparsed, parsed
from watari.sql.automatic_names import index_column_names, index_name
from watari.sql.compose import composed
from watari.values import replace


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node, table = part.node, scene.table(part.table)
    if node.concurrent or table is None:
        return None
    if there(node, scene):
        index = scene.index(name_of(node, scene))
        return () if index and index.valid and scene.live(part.table) else None
    if not scene.is_large(part.table):
        return None
    if table.kind is TableKind.PARTITIONED:
        return _on_partitions(node, part.table, scene) if node.relation.inh else None
    return (concurrently(node, name_of(node, scene), part.table),)


def _on_partitions(node: Any, table: Name, scene: Scene) -> Rewritten:
    """The index of the partitioned table first, without any rows; then one a partition, which becomes a part of it.

    It is valid when the last of them is in it. Source: reference recipe R12.
    """
    whole = index_of(node, scene)
    if note := obstacle_to_members(whole, scene):
        return Left(note=note)
    columns = index_column_names([*node.index_params, *node.index_including_params])
    found = members(whole, lambda part, taken: index_name(part, columns, taken), scene)
    made = (piece for member in found for piece in _member(node, member, whole.name))
    drop = (composed("DROP INDEX IF EXISTS {name}", name=whole.name),)
    return (Piece(sql=(_written(node, whole.name, table, only=True),), phase=Phase.EXPAND, undo=drop), *made)


def _member(node: Any, member: Member, whole: Name) -> Iterator[Piece]:
    table = member.table.name
    drop = tuple(composed("DROP INDEX IF EXISTS {name}", name=name) for name in (whole, member.name))
    if not member.there and member.is_leaf:
        yield replace(concurrently(node, member.name, table), undo=drop)
    elif not member.there:
        yield Piece(sql=(_written(node, member.name, table, only=True),), phase=Phase.EXPAND, undo=drop)
    yield attached(member)


def attached(member: Member) -> Piece:
    """The step in which an index of a partition becomes a part of the index above."""
    text = composed("ALTER INDEX {whole} ATTACH PARTITION {part}", whole=member.of, part=member.name)
    return Piece(sql=(text,), phase=Phase.EXPAND)


def concurrently(node: Any, name: Name, table: Name) -> Piece:
    """The step that builds the index of an IndexStmt under `name` while writes go on."""
    return Piece(
        sql=(_written(node, name, table, concurrent=True),),
        kind=StepKind.CONCURRENT,
        phase=Phase.EXPAND,
        undo=(composed("DROP INDEX {name}", name=name),),
        settle=Settle(kind="index_valid", relation=str(name), table=str(table)),
    )


def _written(node: Any, name: Name, table: Name, *, concurrent: bool = False, only: bool = False) -> str:
    whole = copied(parsed("CREATE INDEX i ON t (c)"))
    own = whole.index_stmt
    own.CopyFrom(node)
    own.idxname, own.concurrent, own.if_not_exists = name.name, concurrent, False
    own.relation.schemaname, own.relation.relname, own.relation.inh = table.schema, table.name, not only
    return deparsed(whole)


FORM = Form(name="concurrent-index", policy="index", keys=("index_stmt",), rewrite=_rewrite)
