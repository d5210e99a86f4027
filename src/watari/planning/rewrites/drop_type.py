"""DROP TYPE or DOMAIN … CASCADE takes columns with their values along, and nothing can keep a value without its type: it says so.

Source: documentation, "DROP TYPE".
"""

from __future__ import annotations

from watari.planning.keeping import gone_with_cascade, keeps, not_kept
from watari.planning.losses import columns_of_types
from watari.planning.plan import Note
from watari.planning.rewrite import Form, Left, Part, Rewritten
from watari.planning.scene import Scene
from watari.sql.grammar import choice

_COLUMNS = Note(
    en="CASCADE takes {columns} along, whose values mean nothing without the type; drop the columns first, and they are kept.",
    ja="CASCADE により {columns} も削除されます。型がなければ値を保持できないため、先にカラムを削除してください（その場合は保持されます）。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node = part.node
    if choice(node, "remove_type") not in ("OBJECT_TYPE", "OBJECT_DOMAIN") or not gone_with_cascade(node):
        return None
    columns = ", ".join(place for place, _ in columns_of_types(node, scene))
    if not columns or not keeps(scene):
        return None
    return Left(note=not_kept(Note(en=_COLUMNS.en.format(columns=columns), ja=_COLUMNS.ja.format(columns=columns))))


FORM = Form(name="dropped-type", policy="drop", keys=("drop_stmt",), rewrite=_rewrite)
