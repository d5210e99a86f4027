"""Are all foreign keys validated over every row?"""

from __future__ import annotations

from functools import partial

from watari.catalog import ConstraintKind
from watari.locale import Text
from watari.verification.check import Check
from watari.verification.validation import validated

CHECK = Check(
    name="foreign keys",
    title=Text(en="foreign keys are validated", ja="外部キー制約の検証"),
    question="verify_constraints",
    compare=partial(validated, name="foreign keys", kinds=(ConstraintKind.FOREIGN_KEY,)),
)
