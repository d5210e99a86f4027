"""Are all check constraints validated over every row?"""

from __future__ import annotations

from functools import partial

from watari.catalog import ConstraintKind
from watari.locale import Text
from watari.verification.check import Check
from watari.verification.validation import validated

CHECK = Check(
    name="check constraints",
    title=Text(en="check constraints are validated", ja="CHECK 制約の検証"),
    question="verify_constraints",
    compare=partial(validated, name="check constraints", kinds=(ConstraintKind.CHECK,)),
)
