"""VALIDATE CONSTRAINT in a transaction of its own: beside the ADD CONSTRAINT … NOT VALID it would scan under that one's lock.

Source: reference rule `proof-same-transaction`; measured on 15 and 18.
"""

from __future__ import annotations

from watari.planning.rewrite import Form, Part, Rewritten
from watari.planning.scene import Scene
from watari.planning.validation import validate


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    return (validate(part.table, part.node.name),) if scene.is_large(part.table) else None


FORM = Form(name="validated-alone", policy="check", keys=("AT_ValidateConstraint",), rewrite=_rewrite)
