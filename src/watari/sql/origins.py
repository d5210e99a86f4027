"""Where statements stand that were made from another text: SQL that a framework rendered points at the framework's file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from watari.sql.statement import Statement
from watari.values import replace


def at_origin(statements: Sequence[Statement], lines: Mapping[int, int]) -> tuple[Statement, ...]:
    """The statements with the line of the original file.

    `lines` gives it for each line of the rendered text where something new begins; columns mean nothing there and become 1.
    """
    begins = sorted(lines)

    def origin(line: int) -> int:
        place = bisect_right(begins, line) - 1
        return lines[begins[place]] if place >= 0 else 1

    return tuple(replace(statement, line=origin(statement.line), column=1) for statement in statements)
