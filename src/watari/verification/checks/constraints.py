"""Are the constraints there that the plan makes, of whatever kind?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog.facts import on_table
from watari.locale import Text
from watari.verification.check import Check, all_well, differences, kept_promises
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

THERE = Text(en="{count} constraints, none missing", ja="制約 {count} 件、不足なし")


def _compare(compared: Compared) -> Iterator[Verdict]:
    there = {on_table(constraint) for constraint in compared.catalog.constraints}
    verdicts = [
        *kept_promises(compared, CHECK.name, "verify_constraints", ("constraint",), lambda _, object: object in there),
        *differences(compared, CHECK.name, "verify_constraints", ("exclusion constraint",)),
    ]
    return all_well(compared, CHECK.name, "verify_constraints", verdicts, THERE(count=len(there)))


CHECK = Check(
    name="constraints",
    title=Text(en="constraints are there", ja="制約の存在"),
    question="verify_constraints",
    compare=_compare,
)
