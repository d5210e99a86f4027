"""ADD CHECK without closing the table for the scan: NOT VALID, then VALIDATE.

Source: reference recipe R04; measured on 15 and 18.
"""

from __future__ import annotations

from watari.planning.constraints import constraint_name
from watari.planning.rewrite import Form, Part, Rewritten
from watari.planning.scene import Scene
from watari.planning.validation import in_two_steps


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    constraint = getattr(part.node, "def").constraint
    if constraint.skip_validation or not constraint.is_enforced or not scene.is_large(part.table):
        return None
    return in_two_steps(constraint, constraint_name(part.table, constraint, scene), part)


FORM = Form(name="validated-check", policy="check", keys=("AT_AddConstraint.CONSTR_CHECK",), rewrite=_rewrite)
