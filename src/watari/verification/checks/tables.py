"""Are the tables and views there that should be, and is none lost?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.verification.check import Check, all_well, differences, kept_promises
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

KINDS = ("table", "view", "materialized view", "foreign table")

THERE = Text(en="{count} tables and views, none missing", ja="テーブル・ビュー {count} 件、不足なし")


def _compare(compared: Compared) -> Iterator[Verdict]:
    there = {str(name) for name in compared.catalog.tables}
    kinds = (*KINDS, "materialized_view", "matview", "foreign_table")
    verdicts = [
        *kept_promises(compared, CHECK.name, "verify_tables", kinds, lambda _, object: object in there),
        *differences(compared, CHECK.name, "verify_tables", KINDS),
    ]
    return all_well(compared, CHECK.name, "verify_tables", verdicts, THERE(count=len(there)))


CHECK = Check(
    name="tables",
    title=Text(en="tables and views are there", ja="テーブル・ビューの存在"),
    question="verify_tables",
    compare=_compare,
)
