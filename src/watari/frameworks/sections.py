"""Up and down sections in one SQL file, by the marks of the tools that write them."""

from __future__ import annotations

import re

from watari.late import pattern
from watari.locale import Message, Text
from watari.values import dataclass

__all__ = ["Section", "Sections", "read_sections"]

_TWICE = Text(
    en="line {line} begins a second {direction} section; give each its own file",
    ja="{line} 行目で 2 つ目の {direction} セクションが始まっています。ファイルを分けてください",
)
_BEFORE = Text(
    en="line {line} stands before the first section and would never run; move it into the up section",
    ja="{line} 行目は最初のセクションより前にあるため実行されません。up セクションの中に移してください",
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """One direction of a file: its bytes, and the line of the file where they begin."""

    data: bytes
    first_line: int


@dataclass(frozen=True, kw_only=True)
class Sections:
    """A file with sections; `trouble` says what makes it unusable."""

    up: Section
    down: Section | None
    transactional: bool = True
    trouble: Message | None = None


@dataclass(frozen=True)
class _Style:
    """The marks of one tool: groups `up` and `down` of `mark` name the direction, `alone` what takes a transaction away."""

    mark: re.Pattern[bytes]
    alone: re.Pattern[bytes]


_NEVER = pattern(rb"(?!)")

#: By tool: dbmate; goose; sql-migrate; node-pg-migrate; MyBatis and tern, where everything above the mark is up.
_STYLES = (
    _Style(
        pattern(rb"^--[ \t]*migrate:(?:(?P<up>up)|(?P<down>down))\b[^\n]*$", re.M),
        pattern(rb"^--[ \t]*migrate:up\b[^\n]*\btransaction:false\b", re.M),
    ),
    _Style(
        pattern(rb"^[ \t]*--[ \t]*\+goose[ \t]+(?:(?P<up>up)|(?P<down>down))\b[^\n]*$", re.M | re.I),
        pattern(rb"^[ \t]*--[ \t]*\+goose[ \t]+no[ \t]+transaction\b", re.M | re.I),
    ),
    _Style(
        pattern(rb"^[ \t]*--[ \t]*\+migrate[ \t]+(?:(?P<up>up)|(?P<down>down))\b[^\n]*$", re.M | re.I),
        pattern(rb"^[ \t]*--[ \t]*\+migrate[ \t]+up[ \t]+notransaction\b", re.M | re.I),
    ),
    _Style(
        pattern(rb"^[ \t]*--[ \t-]*(?:(?P<up>up)|(?P<down>down))[ \t]+migration[ \t-]*\r?$", re.M | re.I),
        pattern(rb"^[ \t]*--[ \t]*pgm-no-transaction\b", re.M | re.I),
    ),
    _Style(pattern(rb"^[ \t]*--[ \t]*//[ \t]*(?P<up>(?!))?(?P<down>@undo)\b[^\n]*$", re.M | re.I), _NEVER),
    _Style(pattern(rb"^[ \t]*(?P<up>(?!))?(?P<down>----[ \t]*create above / drop below)[^\n]*$", re.M | re.I), _NEVER),
)
_QUIET_LINE = pattern(rb"\s*(?:--[^\n]*)?\s*\Z")


def read_sections(data: bytes) -> Sections | None:
    """The sections of a file's bytes; None where it has no marks and is one up script as a whole."""
    if b"--" not in data:
        return None
    for style in _STYLES:
        if marks := list(style.mark.finditer(data)):
            return _cut(data, marks, transactional=style.alone.search(data) is None)
    return None


def _cut(data: bytes, marks: list[re.Match[bytes]], *, transactional: bool) -> Sections:
    found: dict[str, Section] = {}
    trouble: Message | None = None
    for place, mark in enumerate(marks):
        direction = "up" if mark.group("up") else "down"
        end = marks[place + 1].start() if place + 1 < len(marks) else len(data)
        start = min(mark.end() + 1, end)
        line = data.count(b"\n", 0, mark.start()) + 1
        if direction in found:
            trouble = trouble or _TWICE(line=line, direction=direction)
        else:
            found[direction] = Section(data=data[start:end], first_line=line + 1)
    above = data[: marks[0].start()]
    if "up" not in found:
        found["up"] = Section(data=above, first_line=1)
    else:
        trouble = trouble or _before(above)
    return Sections(up=found["up"], down=found.get("down"), transactional=transactional, trouble=trouble)


def _before(above: bytes) -> Message | None:
    for number, line in enumerate(above.split(b"\n"), start=1):
        if not _QUIET_LINE.match(line):
            return _BEFORE(line=number)
    return None
