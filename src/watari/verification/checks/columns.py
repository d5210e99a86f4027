"""Have the tables the columns that they should, of the right type, nullability and default?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog.name import quoted
from watari.locale import Text
from watari.verification.check import Check, all_well, differences, kept_promises
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

THERE = Text(en="{count} columns, none missing or changed", ja="カラム {count} 件、不足・差異なし")


def _compare(compared: Compared) -> Iterator[Verdict]:
    tables = compared.catalog.tables.values()
    there = {f"{table.name}.{quoted(column.name)}" for table in tables for column in table.columns}
    verdicts = [
        *kept_promises(compared, CHECK.name, "verify_columns", ("column",), lambda _, object: object in there),
        *differences(compared, CHECK.name, "verify_columns", ("column",)),
    ]
    return all_well(compared, CHECK.name, "verify_columns", verdicts, THERE(count=len(there)))


CHECK = Check(
    name="columns",
    title=Text(en="columns are as they should be", ja="カラムの定義"),
    question="verify_columns",
    compare=_compare,
)
