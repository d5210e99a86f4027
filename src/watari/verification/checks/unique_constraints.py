"""Are primary keys and unique constraints as they should be?"""

from __future__ import annotations

from functools import partial

from watari.catalog import ConstraintKind
from watari.locale import Text
from watari.verification.check import Check
from watari.verification.validation import validated

CHECK = Check(
    name="unique constraints",
    title=Text(en="unique constraints and primary keys are there", ja="ユニーク制約・主キー制約"),
    question="verify_constraints",
    compare=partial(
        validated,
        name="unique constraints",
        kinds=(
            ConstraintKind.UNIQUE,
            ConstraintKind.PRIMARY_KEY,
        ),
    ),
)
