"""The part of a script that a hazard is about, line by line, with what is to be underlined."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from watari.late import pattern
from watari.locale import Message
from watari.risk.hazard import Hazard
from watari.values import dataclass

__all__ = ["Line", "Span", "excerpt", "span"]

#: So many lines of a long statement are shown.
_LONGEST = 6
#: What a message calls the part of the statement that it is about.
_DETAILS = ("detail", "column", "constraint", "index", "name", "trigger", "policy", "function", "value")
_PIECE = pattern(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|[(),]|[^'\"(),$/-]+|.", re.S
)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A part of a file: lines and columns from 1, the end is the column behind the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the file as far as it is the statement's; `marks` goes below it."""

    number: int
    text: str
    marks: str


def span(hazard: Hazard) -> Span:
    """Where the offending part of the statement is: one subcommand of several, else the whole statement."""
    start, end = _part(hazard)
    line, column = _place(hazard, start)
    end_line, end_column = _place(hazard, end)
    return Span(line=line, column=column, end_line=end_line, end_column=end_column)


def excerpt(hazard: Hazard) -> tuple[Line, ...]:
    """The lines of the statement with the offending part marked; of a long one, those around that part."""
    where = span(hazard)
    lines = tuple(_lines(hazard, where))
    if len(lines) <= _LONGEST:
        return lines
    first = lines[:1] if where.line > hazard.line else ()
    marked = [line for line in lines if line.marks]
    return (*first, *marked[: _LONGEST - len(first)])


def _lines(hazard: Hazard, where: Span) -> Iterator[Line]:
    for place, text in enumerate(hazard.sql.splitlines()):
        number = hazard.line + place
        indent = " " * (hazard.column - 1) if place == 0 else ""
        text = (indent + text).expandtabs(4)
        if not text.strip():
            continue
        marks = ""
        if where.line <= number <= where.end_line:
            start = where.column - 1 if number == where.line else len(text) - len(text.lstrip())
            end = where.end_column - 1 if number == where.end_line else len(text.rstrip())
            marks = " " * _width(text[:start]) + "^" * max(1, _width(text[start:end]))
        yield Line(number=number, text=text.rstrip(), marks=marks)


def _part(hazard: Hazard) -> tuple[int, int]:
    """Offsets of the offending part in the text of the statement."""
    parts = list(_subcommands(hazard.sql))
    if len(parts) > 1:
        for word in _words(hazard):
            for start, end in parts:
                if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", hazard.sql[start:end], re.I):
                    return start, end
    return 0, len(hazard.sql.rstrip())


def _words(hazard: Hazard) -> Iterator[str]:
    fields = hazard.message.fields
    for name in _DETAILS:
        value = fields.get(name)
        if value is not None and not isinstance(value, Message) and str(value):
            yield str(value)
            yield str(value).rpartition(".")[2].strip('"')
    yield hazard.object.rpartition(".")[2].strip('"')


def _subcommands(sql: str) -> Iterator[tuple[int, int]]:
    """Start and end of each part of an ALTER TABLE between commas; of another statement the whole of it."""
    if not re.match(r"\s*alter\s+(foreign\s+)?table\b", sql, re.I):
        yield 0, len(sql)
        return
    start = depth = 0
    for piece in _PIECE.finditer(sql):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if piece[0] == "," and depth == 0:
            yield _trimmed(sql, start, piece.start())
            start = piece.end()
    yield _trimmed(sql, start, len(sql))


def _trimmed(sql: str, start: int, end: int) -> tuple[int, int]:
    text = sql[start:end]
    return start + len(text) - len(text.lstrip()), end - (len(text) - len(text.rstrip()))


def _place(hazard: Hazard, offset: int) -> tuple[int, int]:
    before = hazard.sql[:offset]
    line = before.count("\n")
    column = offset - (before.rfind("\n") + 1) + 1
    return hazard.line + line, column + (hazard.column - 1 if line == 0 else 0)


def _width(text: str) -> int:
    """How many columns a terminal takes for it."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
