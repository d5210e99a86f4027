"""Are all NOT NULL constraints validated over every row? (Catalogued as constraints since 18.)"""

from __future__ import annotations

from functools import partial

from watari.catalog import ConstraintKind
from watari.locale import Text
from watari.verification.check import Check
from watari.verification.validation import validated

CHECK = Check(
    name="not-null constraints",
    title=Text(en="NOT NULL constraints are validated", ja="NOT NULL 制約の検証"),
    question="verify_constraints",
    compare=partial(validated, name="not-null constraints", kinds=(ConstraintKind.NOT_NULL,)),
)
