"""SET NOT NULL without closing the table for the scan.

Source: reference recipe R03; measured on 15 and 18.
"""

from __future__ import annotations

from watari.catalog import ConstraintKind
from watari.planning.constraints import constraint_name
from watari.planning.rewrite import Form, Part, Rewritten
from watari.planning.scene import Scene
from watari.planning.validation import proves_values, required
from watari.sql.grammar import strings


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    added = part.node.HasField("def")
    constraint = getattr(part.node, "def").constraint if added else None
    if constraint and constraint.skip_validation:
        return None
    column = strings(constraint.keys)[0] if constraint else part.node.name
    table = scene.table(part.table)
    known = table.column(column) if table else None
    if table is None or (known and known.not_null) or not scene.is_large(part.table):
        return None
    others = scene.constraints(part.table).values()
    if any(c.kind is ConstraintKind.NOT_NULL and c.columns == (column,) for c in others):
        return None  # added NOT VALID before: SET NOT NULL would only validate it
    if any(proves_values(other, column) for other in others):
        return None
    name = constraint_name(part.table, constraint, scene) if constraint else None
    return required(part.table, column, scene, name)


FORM = Form(
    name="proved-not-null",
    policy="not_null",
    keys=("AT_SetNotNull", "AT_AddConstraint.CONSTR_NOTNULL"),
    rewrite=_rewrite,
)
