"""CREATE INDEX without stopping writes: CONCURRENTLY, under the name that the statement as written would have given.

Source: reference recipe R10; documentation, "Building Indexes Concurrently".
"""

from __future__ import annotations

from typing import Any

from watari.catalog import Name, TableKind
from watari.planning.plan import Note, Phase, Settle, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.planning.statements.create_index import name_of, there
from watari.planning.trees import copied, deparsed, parsed
from watari.sql.compose import composed

_PARTITIONED = Note(
    en="The table is partitioned, where PostgreSQL builds no index concurrently: writes wait while it is built.",
    ja="パーティションテーブルでは CONCURRENTLY を使えないため、構築中は書き込みが待たされます。",
)


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
        return None if not node.relation.inh else Left(note=_PARTITIONED)
    return (concurrently(node, name_of(node, scene), part.table),)


def concurrently(node: Any, name: Name, table: Name) -> Piece:
    """The step that builds the index of an IndexStmt under `name` while writes go on."""
    whole = copied(parsed("CREATE INDEX i ON t (c)"))
    own = whole.index_stmt
    own.CopyFrom(node)
    own.idxname, own.concurrent, own.if_not_exists = name.name, True, False
    own.relation.schemaname, own.relation.relname = table.schema, table.name
    return Piece(
        sql=(deparsed(whole),),
        kind=StepKind.CONCURRENT,
        phase=Phase.EXPAND,
        undo=(composed("DROP INDEX {name}", name=name),),
        settle=Settle(kind="index_valid", relation=str(name), table=str(table)),
    )


FORM = Form(name="concurrent-index", policy="index", keys=("index_stmt",), rewrite=_rewrite)
