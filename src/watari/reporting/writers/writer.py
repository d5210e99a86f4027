"""What a writer is: a report in, a text in the reader's language out. One file each beside this one."""

from __future__ import annotations

from collections.abc import Callable

from watari.locale import Language
from watari.reporting.report import Report
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Writer:
    """One form of a report; `name` is also the ending of its files, `also` are other names for it."""

    name: str
    write: Callable[[Report, Language], str]
    also: tuple[str, ...] = ()
