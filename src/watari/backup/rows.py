"""Rows counted while an archive is read through: in a text COPY stream every row is exactly one line.

Source of the fact: PostgreSQL documentation, COPY, "Text Format": a newline inside a value is written as `\\n`, and a
line of `\\.` ends the data.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from watari.catalog.name import Name
from watari.late import pattern

_COPY = pattern(rb"copy\s.*\sfrom\s+stdin\b.*;\s*\Z", re.IGNORECASE)
_TARGET = pattern(r'copy\s+((?:"(?:[^"]|"")*"|[^\s("]+?)(?:\.(?:"(?:[^"]|"")*"|[^\s("]+))?)\s*[\s(]', re.IGNORECASE)
_PART = pattern(r'"((?:[^"]|"")*)"|([^."]+)')
_END = b"\\.\n"
# a header of 1,600 columns with names of 63 bytes fits; what is longer is no header but data
_LONGEST_LINE = 262_144


class RowCounter:
    """Fed with the bytes of a dump as SQL, in pieces of any size; `rows` holds the counts by qualified table.

    `seen` is told every line outside COPY data, with its number, counted from 1.
    """

    def __init__(self, *, encoding: str = "UTF8", seen: Callable[[int, bytes], None] | None = None) -> None:
        self.rows: dict[str, int] = {}
        self.line = 0
        self._codec = python_codec(encoding)
        self._seen = seen
        self._rest = b""
        self._table: str | None = None
        self._inside_long_line = False

    @property
    def complete(self) -> bool:
        """Whether every COPY that began has ended."""
        return self._table is None

    @property
    def table(self) -> str | None:
        """The table whose rows are being counted."""
        return self._table

    def feed(self, piece: bytes) -> None:
        """Takes the next bytes."""
        data = self._rest + piece
        position = 0
        while True:
            if self._inside_long_line:
                following = self._leave_long_line(data, position)
            elif self._table is None:
                following = self._statement_line(data, position)
            else:
                following = self._data_lines(data, position)
            if following is None:
                break
            position = following
        self._rest = data[position:]
        self._let_go_of_a_long_line()

    def finish(self) -> None:
        """The stream has ended; a last line without its newline is taken too."""
        if self._rest or self._inside_long_line:
            self.feed(b"\n")

    def _statement_line(self, data: bytes, position: int) -> int | None:
        end = data.find(b"\n", position)
        if end < 0:
            return None
        self.line += 1
        line = data[position:end]
        if _COPY.match(line):
            self._table = self._name(line)
            self.rows.setdefault(self._table, 0)
        elif self._seen:
            self._seen(self.line, line)
        return end + 1

    def _data_lines(self, data: bytes, position: int) -> int | None:
        if data.startswith(_END, position):
            return self._end_of_data(position + len(_END))
        end = data.find(b"\n" + _END, position)
        last = end if end >= 0 else data.rfind(b"\n", position)
        if last < 0:
            return None
        self._count(data.count(b"\n", position, last + 1))
        return self._end_of_data(end + 1 + len(_END)) if end >= 0 else last + 1

    def _end_of_data(self, position: int) -> int:
        self._table = None
        self.line += 1
        return position

    def _count(self, lines: int) -> None:
        assert self._table is not None
        self.rows[self._table] += lines
        self.line += lines

    def _let_go_of_a_long_line(self) -> None:
        if len(self._rest) > _LONGEST_LINE:
            self._inside_long_line, self._rest = True, b""

    def _leave_long_line(self, data: bytes, position: int) -> int | None:
        end = data.find(b"\n", position)
        if end < 0:
            return None
        self._inside_long_line = False
        if self._table is None:
            self.line += 1
        else:
            self._count(1)
        return end + 1

    def _name(self, line: bytes) -> str:
        text = line.decode(self._codec, "replace")
        target = _TARGET.match(text)
        parts = [
            quoted.replace('""', '"') if quoted else bare.lower()
            for quoted, bare in _PART.findall(target.group(1) if target else text)
        ]
        return str(Name(parts[-2] if len(parts) > 1 else "public", parts[-1]))


def python_codec(encoding: str) -> str:
    """Python's name for a server encoding; UTF-8 where it knows none."""
    import codecs

    plain = encoding.upper().replace("SQL_ASCII", "UTF8")
    for candidate in (plain, plain.replace("WIN", "CP"), plain.replace("_2004", "_JIS_2004")):
        try:
            return codecs.lookup(candidate).name
        except LookupError:
            continue
    return "utf-8"
