"""Do the server's counters show something that was not so before?"""

from __future__ import annotations

from collections.abc import Iterable

from watari.locale import Text
from watari.verification.check import Check
from watari.verification.compared import Compared
from watari.verification.statistics import NAME, compare_statistics
from watari.verification.verdict import Verdict


def _compare(compared: Compared) -> Iterable[Verdict]:
    new = [object for _, object, state in compared.promised("index") if state != "absent"]
    return compare_statistics(
        compared.expectation.statistics_before,
        compared.observation.statistics,
        database=compared.catalog.database,
        new_indexes=new,
    )


CHECK = Check(
    name=NAME,
    title=Text(en="the server's counters show nothing new", ja="統計情報の比較"),
    question=None,
    compare=_compare,
)
