"""Changes for which PostgreSQL knows no form that leaves the table open: they stay as written, and the plan says why.

Source: reference recipes R09 and R16; documentation, "ALTER TABLE".
"""

from __future__ import annotations

from watari.planning.plan import Note
from watari.planning.rewrite import Form, Left, Part, Rewritten
from watari.planning.scene import Scene
from watari.planning.subcommand import key_of
from watari.planning.trees import deparsed, only_subcommand

_REWRITES = Note(
    en="PostgreSQL can only write the whole table anew for this: readers and writers wait. Run it in a maintenance window.",
    ja="テーブル全体の書き直しが必要で、その間は読み書きが待たされます。メンテナンスウィンドウ中に実行してください。",
)
_EXCLUDES = Note(
    en="An exclusion constraint cannot be made from an index that was built before: writes wait while it is built and checked.",
    ja="排他制約は事前に構築したインデックスからは作成できないため、構築中は書き込みが待たされます。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    if not scene.is_large(part.table):
        return None
    if key_of(part.node) == "AT_AddConstraint.CONSTR_EXCLUSION":
        return Left(note=_EXCLUDES)
    written = deparsed(only_subcommand(part.statement, part.node, part.table))
    if any(effect.rewrite for effect in scene.effects_on(part.table, written)):
        return Left(note=_REWRITES)
    return None


FORM = Form(
    name="whole-table",
    policy="maintenance",
    keys=(
        "AT_SetLogged",
        "AT_SetUnLogged",
        "AT_SetTableSpace",
        "AT_SetAccessMethod",
        "AT_SetExpression",
        "AT_AddConstraint.CONSTR_EXCLUSION",
    ),
    rewrite=_rewrite,
)
