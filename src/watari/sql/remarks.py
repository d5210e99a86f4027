"""What people allow in the file itself: `-- watari: allow RULE because …` before a statement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from watari.late import pattern
from watari.sql.statement import Statement
from watari.values import dataclass

__all__ = ["Remark", "remarks_of", "used"]

_RULE = r"[a-z0-9_-]+"
_REMARK = pattern(
    rf"watari:\s*allow\s+(?P<rules>{_RULE}(?:\s*,\s*{_RULE})*)(?:\s+because\b[\s:]*(?P<reason>.*))?\s*", re.I | re.S
)
# the framework has read it (frameworks/assignment.py)
_DATABASE = pattern(r"watari:[ \t]*database[ \t]+\S")


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One comment to watari. Without `rules` nobody understands it, without a `reason` it allows nothing."""

    text: str
    rules: tuple[str, ...] = ()
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether it says what is allowed and why."""
        return bool(self.rules and self.reason)


def remarks_of(statement: Statement) -> Iterator[Remark]:
    """The comments to watari before a statement, except those that say which database a file is for."""
    for text in statement.remarks:
        if _DATABASE.match(text):
            continue
        found = _REMARK.fullmatch(text.strip())
        if found is None:
            yield Remark(text=text)
        else:
            rules = tuple(re.split(r"\s*,\s*", found["rules"]))
            yield Remark(text=text, rules=rules, reason=(found["reason"] or "").strip())


def used(remark: Remark, rules: Iterable[str]) -> int:
    """How many of the hazards of these rules a remark is about."""
    return sum(rule in remark.rules for rule in rules)
