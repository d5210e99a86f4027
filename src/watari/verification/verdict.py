"""One comparison of expected and actual, as it came out."""

from __future__ import annotations

from enum import StrEnum

from watari.locale import Message
from watari.values import dataclass


class VerdictState(StrEnum):
    """How a check came out."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one check found at one object; `query` is what anyone can run to see the same."""

    name: str
    state: VerdictState
    object: str
    message: Message
    expected: str | None = None
    actual: str | None = None
    query: str | None = None
