"""REFRESH MATERIALIZED VIEW while readers go on: CONCURRENTLY, where a unique index tells the rows apart.

Source: reference recipe R24; documentation, "REFRESH MATERIALIZED VIEW".
"""

from __future__ import annotations

from watari.catalog import Table
from watari.planning.kind import nothing
from watari.planning.plan import Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed
from watari.sql.compose import composed

_NO_KEY = Note(
    en="Readers wait while the view is computed: it has no unique index over plain columns of all rows. With one, made before "
    "({index}), it is refreshed while they go on.",
    ja="全行を対象とする通常カラムの一意インデックスがないため、再計算が終わるまで参照が待たされます。"
    "事前に作成すれば（{index}）参照を止めずに更新できます。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    view = scene.live(part.table)
    if view is None or part.node.concurrent or part.node.skip_data or not view.bytes:
        return None
    if not scene.is_large(part.table) and not any(map(scene.is_large, view.reads_from)):
        return None
    if not _told_apart(part, scene):
        return Left(note=_offer(view))
    whole = copied(parsed("REFRESH MATERIALIZED VIEW v"))
    whole.refresh_mat_view_stmt.CopyFrom(part.node)
    own = whole.refresh_mat_view_stmt
    own.concurrent = True
    own.relation.schemaname, own.relation.relname = part.table.schema, part.table.name
    return (Piece(sql=(deparsed(whole),), phase=Phase.MIGRATE, undo=nothing(part.node, scene)),)


def _told_apart(part: Part, scene: Scene) -> bool:
    found = (i for i in scene.indexes_of(part.table) if i.unique and i.valid)
    return any(index.predicate is None and None not in index.columns for index in found)


def _offer(view: Table) -> Note:
    columns = [column.name for column in view.columns][:1]
    index = composed("CREATE UNIQUE INDEX CONCURRENTLY ON {view} ({columns}, …)", view=view.name, columns=columns)
    return Note(en=_NO_KEY.en.format(index=index), ja=_NO_KEY.ja.format(index=index))


FORM = Form(name="concurrent-refresh", policy="refresh", keys=("refresh_mat_view_stmt",), rewrite=_rewrite)
