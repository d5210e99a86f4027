"""Cuts the bytes of a script as psql's own scanner does: into statements, backslash commands and rows of COPY.

Source of the rules: psql's `psqlscan.l` and `psqlscanslash.l`. Quotes, `E''` strings, dollar quotes, nested comments,
`BEGIN ATOMIC` bodies and the parentheses of rules hide semicolons; `:name` is a variable outside of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from watari.late import pattern
from watari.values import dataclass

__all__ = ["Command", "Cut", "Scanner"]

_QUOTED = rb"""(?<![eE])'[^']*+' | "[^"]*+" """
_QUIET = rb"""--[^\n\r]*+ | -(?!-) | /(?!\*) | :: | :(?!['"{A-Za-z0-9_\x80-\xff])
    | \$(?!(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*+)?\$) | (?<=[A-Za-z0-9_$\x80-\xff])\$"""

# Each repeated group ends in an empty alternative: Python 3.11.0 to 3.11.4 (Debian 12 has 3.11.2) forget to go back to where
# a possessive group began when its last try fails (gh-106052), so the last try has to succeed.

#: Everything up to the next byte that may end, hide or expand something; two thirds of all statements are one match.
_RUN = pattern(rb"(?: [^'\"$;\\:/-]++ | " + _QUOTED + b"|" + _QUIET + rb"|)*+", re.X)
#: The same inside CREATE FUNCTION, PROCEDURE and RULE, where parentheses and BEGIN ... END hide semicolons too.
_NESTING_RUN = pattern(rb"(?: [^'\"$;\\:/()A-Za-z_\x80-\xff-]++ | " + _QUOTED + b"|" + _QUIET + rb"|)*+", re.X)
_NESTING = pattern(rb"create\s+(?:or\s+replace\s+)?(?:function|procedure|rule)\b", re.I)

_BLANK = pattern(rb"(?:\s++|--[^\n\r]*+|;|)*+")
_WORD = pattern(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*+")
_DOLLAR = pattern(rb"\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*+)?\$")
_COMMENT_EDGE = pattern(rb"/\*|\*/")
_ESCAPED = pattern(rb"'(?:[^'\\]++|\\.|''|)*+'(?:\s*\n\s*'(?:[^'\\]++|\\.|''|)*+')*", re.S)
_VARIABLE = pattern(
    rb""":(?:(?P<bare>[A-Za-z0-9_\x80-\xff]++)|'(?P<value>[A-Za-z0-9_\x80-\xff]++)'
    |"(?P<name>[A-Za-z0-9_\x80-\xff]++)"|\{\?(?P<asked>[A-Za-z0-9_\x80-\xff]++)\})""",
    re.X,
)
_IDENTIFIER_BYTE = pattern(rb"[A-Za-z0-9_$\x80-\xff]")
_REMARK = pattern(rb"--[ \t]*(watari:[^\n\r]*)")
_END_OF_ROWS = pattern(rb"^\\\.\r?$", re.M)


@dataclass(frozen=True)
class Cut:
    """One statement: its text without the semicolon, and where it begins.

    `remarks` are the comments to watari before it, `misplaced` those inside it and, behind the last one, at the end of the
    script; `unset` is a `:'name'` in it that has no value.
    """

    text: bytes
    start: int
    remarks: tuple[bytes, ...] = ()
    unset: str | None = None
    misplaced: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Command:
    """One backslash command: everything from the backslash to the end of its line, or to the next command in it."""

    text: bytes
    start: int
    inside: bool  # a statement has begun and is not ended yet


class Scanner:
    """A script in the middle of being cut. `variables` may change between two calls of `next()`."""

    def __init__(self, data: bytes, variables: Mapping[str, str]) -> None:
        self.data = data
        self.variables = variables
        self.position = 0
        self.unclosed: int | None = None  # where a comment begins that the script does not end
        self._start: int | None = None  # of the statement at hand
        self._pieces: list[bytes] = []  # of it, where its text is not one stretch of the data
        self._from = 0  # where its last piece begins
        self._parentheses = 0
        self._blocks = 0  # BEGIN and CASE of a BEGIN ATOMIC body
        self._nesting = False
        self._unset: str | None = None
        self._remarks: tuple[bytes, ...] = ()
        self._remarked = b"watari:" in data

    def next(self) -> Cut | Command | None:
        """The next thing in the script; None at its end."""
        while True:
            if self._start is None and not self._begin():
                return None
            run = _NESTING_RUN if self._nesting else _RUN
            self.position = run.match(self.data, self.position).end()  # type: ignore[union-attr]  # matches emptiness too
            byte = self.data[self.position : self.position + 1]
            if not byte:
                return self._end(self.position)
            found: Cut | Command | None = None
            if byte == b";" and not self._parentheses and not self._blocks:
                found = self._end(self.position)
                self.position += 1
            elif byte == b"\\":
                found = self._backslash()
            else:
                self._step(byte)
            if found:
                return found

    def end_statement(self) -> Cut | None:
        """Ends the statement at hand where the scanner stands, as `\\g` does."""
        return None if self._start is None else self._end(self.position)

    def drop_statement(self) -> None:
        """Forgets the statement at hand, as `\\r` does."""
        self._start = None

    def rows(self) -> bytes:
        """The rows of COPY that follow the line at hand, without the closing `\\.`."""
        newline = self.data.find(b"\n", self.position)
        if newline < 0:
            self.position = len(self.data)
            return b""
        end = _END_OF_ROWS.search(self.data, newline + 1)
        self.position = end.end() if end else len(self.data)
        return self.data[newline + 1 : end.start() if end else len(self.data)]

    # -- statements ---------------------------------------------------------------------------------------------------

    def _begin(self) -> bool:
        """Skips what stands between statements; False at the end of the data."""
        before = self.position
        while True:
            self.position = _BLANK.match(self.data, self.position).end()  # type: ignore[union-attr]
            if not self.data.startswith(b"/*", self.position):
                break
            self._comment()
        if self.position >= len(self.data):
            return False
        if self._remarked:
            self._remarks = tuple(_REMARK.findall(self.data, before, self.position))
        self._start = self._from = self.position
        self._pieces = []
        self._unset = None
        self._parentheses = self._blocks = 0
        self._nesting = _NESTING.match(self.data, self.position) is not None
        return True

    def _end(self, end: int) -> Cut | None:
        start, self._start = self._start, None
        text = self.data[self._from : end]
        if self._pieces:
            text = b"".join([*self._pieces, text])
        text = text.rstrip()
        misplaced = self._misplaced(text, end) if self._remarked else ()
        return Cut(text, start or 0, self._remarks, self._unset, misplaced) if text else None

    def _misplaced(self, text: bytes, end: int) -> tuple[bytes, ...]:
        """The comments to watari in the statement, and behind it where nothing else follows."""
        last = _BLANK.match(self.data, end).end() >= len(self.data)  # type: ignore[union-attr]  # matches emptiness too
        return tuple(_REMARK.findall(text) + (_REMARK.findall(self.data, end) if last else []))

    def _step(self, byte: bytes) -> None:
        """One byte (or what it opens) that hides, nests or expands."""
        if byte == b"'":
            self._string()
        elif byte == b"$":
            self._dollar()
        elif byte == b"/":
            self._comment()
        elif byte == b":":
            self._variable()
        elif byte == b'"':
            self.position = len(self.data)  # never closed; the grammar will say so
        elif byte == b"(":
            self._parentheses += 1
            self.position += 1
        elif byte == b")":
            self._parentheses = max(0, self._parentheses - 1)
            self.position += 1
        elif word := _WORD.match(self.data, self.position):
            self._word(word)
        else:
            self.position += 1

    def _string(self) -> None:
        before = self.data[max(0, self.position - 2) : self.position]
        escaped = before[-1:] in (b"e", b"E") and not (len(before) == 2 and _IDENTIFIER_BYTE.match(before))
        if escaped:
            closed = _ESCAPED.match(self.data, self.position)
            self.position = closed.end() if closed else len(self.data)
        else:
            end = self.data.find(b"'", self.position + 1)
            self.position = end + 1 if end >= 0 else len(self.data)

    def _dollar(self) -> None:
        tag = _DOLLAR.match(self.data, self.position)
        if tag is None:
            self.position += 1
            return
        end = self.data.find(tag.group(), tag.end())
        self.position = end + len(tag.group()) if end >= 0 else len(self.data)

    def _comment(self) -> None:
        depth, began, self.position = 1, self.position, self.position + 2
        while depth:
            edge = _COMMENT_EDGE.search(self.data, self.position)
            if edge is None:
                self.position, self.unclosed = len(self.data), began
                return
            depth += 1 if edge.group() == b"/*" else -1
            self.position = edge.end()

    def _word(self, word: re.Match[bytes]) -> None:
        self.position = word.end()
        if self._parentheses or len(word.group()) > 5:
            return
        spelled = word.group().lower()
        if spelled == b"begin" or (spelled == b"case" and self._blocks):
            self._blocks += 1
        elif spelled == b"end" and self._blocks:
            self._blocks -= 1

    # -- variables ----------------------------------------------------------------------------------------------------

    def _variable(self) -> None:
        """Puts a variable's value in its place; one that is not set stays as it is written, as in psql."""
        found = _VARIABLE.match(self.data, self.position)
        if found is None:
            self.position += 1
            return
        kind = found.lastgroup or ""
        name = found.group(kind).decode()
        value = self.variables.get(name)
        self.position = found.end()
        if kind == "asked":
            self._replace(found, b"FALSE" if value is None else b"TRUE")
        elif value is not None:
            self._replace(found, _QUOTING[kind](value).encode())
        elif kind != "bare":
            self._unset = name

    def _replace(self, place: re.Match[bytes], value: bytes) -> None:
        self._pieces += [self.data[self._from : place.start()], value]
        self._from = place.end()

    # -- commands -----------------------------------------------------------------------------------------------------

    def _backslash(self) -> Cut | Command | None:
        """`\\;` and `\\:` belong to the statement; everything else is a command to psql."""
        start = self.position
        following = self.data[start + 1 : start + 2]
        if following == b";":  # sends both in one message; the statements stay two
            cut = self._end(start)
            self.position = start + 2
            return cut
        if following == b":":
            self._pieces.append(self.data[self._from : start] + b":")
            self._from = self.position = start + 2
            return None
        newline = self.data.find(b"\n", start)
        line_end = newline if newline >= 0 else len(self.data)
        end = _command_end(self.data, start, line_end)
        inside = bool(self._pieces) or self.data[self._from : start].strip() != b""
        if inside:
            self._pieces.append(self.data[self._from : start])
        else:
            self._start = None
        self._from = self.position = end + 2 if self.data.startswith(b"\\\\", end) else end
        return Command(self.data[start:end].rstrip(), start, inside)


def _literal(value: str) -> str:
    escaped = value.replace("'", "''")
    return " E'" + escaped.replace("\\", "\\\\") + "'" if "\\" in value else "'" + escaped + "'"


def _identifier(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


_QUOTING: Mapping[str, Callable[[str], str]] = {"bare": str, "value": _literal, "name": _identifier}

_WHOLE_LINE = pattern(rb"\\(?:copy|!|h|help|ef|ev|sf\+?|sv\+?)(?![A-Za-z_])")
_ARGUMENTS = pattern(rb"""(?:[^\\'"`\n]++|'(?:[^'\\\n]++|\\.|''|)*+'|"[^"\n]*+"|`[^`\n]*+`|['"`]|)*+""")


def _command_end(data: bytes, start: int, line_end: int) -> int:
    """Where a command ends: at the end of its line, or before the next backslash that stands outside quotes."""
    if _WHOLE_LINE.match(data, start):
        return line_end
    end = _ARGUMENTS.match(data, start + 2 if start + 2 <= line_end else line_end, line_end)
    return end.end() if end else line_end
