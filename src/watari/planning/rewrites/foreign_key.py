"""ADD FOREIGN KEY without holding writers of both tables through the scan: NOT VALID, then VALIDATE.

Source: reference recipe R05; measured on 15 and 18.
"""

from __future__ import annotations

from watari.catalog import TableKind
from watari.planning.constraints import constraint_name
from watari.planning.plan import Note
from watari.planning.rewrite import Form, Left, Part, Rewritten
from watari.planning.scene import Scene
from watari.planning.trees import copied
from watari.planning.validation import in_two_steps

_PARTITIONED = Note(
    en="Before PostgreSQL 18 a foreign key from a partitioned table cannot be added NOT VALID: writers of both tables wait.",
    ja="PostgreSQL 18 より前では、パーティションテーブルからの外部キーを NOT VALID で追加できないため、両テーブルへの書き込みが待たされます。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    constraint, table = getattr(part.node, "def").constraint, scene.table(part.table)
    if constraint.skip_validation or not constraint.is_enforced or table is None or not scene.is_large(part.table):
        return None
    if table.kind is TableKind.PARTITIONED and scene.catalog.major < 18:
        return Left(note=_PARTITIONED)
    own, parent = copied(constraint), scene.name_of(constraint.pktable)
    own.pktable.schemaname, own.pktable.relname = parent.schema, parent.name
    return in_two_steps(own, constraint_name(part.table, constraint, scene), part)


FORM = Form(
    name="validated-foreign-key",
    policy="foreign_key",
    keys=("AT_AddConstraint.CONSTR_FOREIGN",),
    rewrite=_rewrite,
)
