"""What of a database a clone holds: all rows, a sample that keeps foreign keys whole, or none; and what is masked in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from watari.errors.rehearsals import BadMask, BadRows
from watari.late import pattern
from watari.values import dataclass

_PERCENT = pattern(r"(\d+(?:\.\d+)?)\s*%")
_MASK = pattern(r"\s*(?P<column>[^=]+?)\s*=\s*(?P<kind>[a-z]+)(?::(?P<value>.*))?\s*", re.S)
_PLACE = pattern(r'(?:(?P<schema>"[^"]+"|[^."]+)\.)?(?P<table>"[^"]+"|[^."]+)\.(?P<column>"[^"]+"|[^."]+)')


class MaskKind(StrEnum):
    """How a value is made unrecognisable; each keeps NULL as it is."""

    NULL = "null"  # gone
    TEXT = "text"  # one value for all: text:masked
    HASH = "hash"  # a digest: equal stays equal, unique stays unique, and nobody reads it back without guessing
    EMAIL = "email"  # a digest at example.com
    DIGITS = "digits"  # letters and digits become x and 9: the form stays
    YEAR = "year"  # of a date or time only the year is kept


@dataclass(frozen=True, kw_only=True)
class Mask:
    """One column and how its values are masked; `schema` is None where the search path finds the table."""

    schema: str | None
    table: str
    column: str
    kind: MaskKind
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Content:
    """`percent` of the rows of each table, with every row that those refer to; 100 all, 0 none."""

    percent: float = 100.0
    masks: tuple[Mask, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether every row comes along."""
        return self.percent >= 100

    @property
    def plain(self) -> bool:
        """Whether it is an exact copy."""
        return self.whole and not self.masks


#: An exact copy.
EVERYTHING = Content()


def content(rows: str, masks: Sequence[str]) -> Content:
    """`rows` is "all", "none" or "5%"; `masks` are lines `[schema.]table.column = kind`. Raises `BadRows`, `BadMask`."""
    return Content(percent=_percent(rows), masks=tuple(mask(line) for line in masks))


def _percent(rows: str) -> float:
    if rows in ("all", "none"):
        return 100.0 if rows == "all" else 0.0
    match = _PERCENT.fullmatch(rows)
    if not match or float(match[1]) > 100:
        raise BadRows(rows=rows)
    return float(match[1])


def mask(line: str) -> Mask:
    """One line of the setting `mask`; raises `BadMask`."""
    match = _MASK.fullmatch(line)
    place = _PLACE.fullmatch(match["column"]) if match else None
    kinds = {kind.value: kind for kind in MaskKind}
    if not match or not place or match["kind"] not in kinds:
        raise BadMask(mask=line, kinds=", ".join(kinds))
    schema, table, column = (name.strip('"') if name else None for name in place.groups())
    kind = kinds[match["kind"]]
    return Mask(schema=schema, table=table or "", column=column or "", kind=kind, value=match["value"] or "")
