"""Scripts in, statements out: psql's own commands are followed as psql would, or refused with a sentence.

What psql knows only while it runs (answers of queries, the shell) is refused; see `psql.py` for each command.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from watari.errors.usage import ScriptCommand, ScriptEncoding, ScriptSyntax
from watari.late import pattern
from watari.locale import Text
from watari.sql import psql
from watari.sql.scanner import Command, Cut, Scanner
from watari.sql.statement import Script, Statement

__all__ = ["included_files", "read_statements", "resolved_include"]

_BOM = b"\xef\xbb\xbf"
_COPY_IN = pattern(rb"copy\s+(?!\s*\().*\bfrom\s+stdin\b", re.I | re.S)
_HIGH_BYTES = pattern(rb"[\x80-\xff]+")
_INCLUDES = {"i": False, "include": False, "ir": True, "include_relative": True}


def read_statements(script: Script) -> tuple[Statement, ...]:
    """The statements of a script in order, those of included files in their place.

    Raises `ScriptCommand` for a psql command that is refused or a file that is missing, `ScriptEncoding` where the text is
    not UTF-8, `ScriptSyntax` for a NUL byte or an open comment; each names file and line. The statements are not parsed here.
    """
    return tuple(_Reader(script).read(script.file, script.data, script.first_line))


def included_files(data: bytes, variables: Mapping[str, str] | None = None) -> tuple[tuple[str, bool], ...]:
    """The files that a script names, as written, and whether relative to the script itself (`\\ir`) or to the project.

    Files of rows (`\\copy … from 'file'`) are among them. Nothing is refused here.
    """
    if b"\\i" not in data and b"\\copy" not in data:
        return ()
    known = dict(variables or {})
    found: list[tuple[str, bool]] = []
    for item, _ in _items(Scanner(data.removeprefix(_BOM), known)):
        if isinstance(item, Command):
            found += _named_file(item.text.decode(errors="replace"), known)
    return tuple(dict.fromkeys(found))


def resolved_include(path: str, *, relative: bool, within: str) -> str:
    """The key of an included file in `Script.includes`.

    As psql: `\\ir` counts from the folder of the file `within`, `\\i` from the folder that psql was started in, which is
    the project's.
    """
    return posixpath.normpath(posixpath.join(posixpath.dirname(within), path) if relative else path)


def _named_file(command: str, known: dict[str, str]) -> list[tuple[str, bool]]:
    name = psql.name_of(command)
    try:
        given = psql.arguments(command[1 + len(name) :], known)
    except ValueError:
        return []
    if name == "set" and given:
        known[given[0]] = "".join(given[1:])
    if name == "copy":
        copied = psql.copy_command(command)
        return [(copied.file, False)] if isinstance(copied, psql.Copy) and copied.file else []
    return [(given[0], _INCLUDES[name])] if name in _INCLUDES and given else []


def _items(scanner: Scanner) -> Iterator[tuple[Cut | Command, bytes | None]]:
    """What the scanner cuts, with the rows that follow a COPY."""
    while (item := scanner.next()) is not None:
        if isinstance(item, Cut):
            copies = item.text[:4].lower() == b"copy" and _COPY_IN.match(item.text) is not None
        else:
            copies = item.text.startswith(b"\\copy") and _copies_inline(item.text)
        yield item, scanner.rows() if copies else None


def _copies_inline(command: bytes) -> bool:
    copied = psql.copy_command(command.decode(errors="replace"))
    return isinstance(copied, psql.Copy) and copied.file is None


class _Reader:
    """One session of psql over a script and what it includes: variables and database carry on from file to file."""

    def __init__(self, script: Script) -> None:
        self.includes = script.includes
        self.variables = dict(script.variables)
        self.database: str | None = None
        self.ended = False
        self.chain: list[str] = []

    def read(self, file: str, data: bytes, first_line: int = 1) -> Iterator[Statement]:
        text = _checked(data, file, first_line)
        places = _Places(text, first_line)
        scanner = Scanner(text, self.variables)
        self.chain.append(file)
        for item, rows in _items(scanner):
            line, column = places.of(item.start)
            if isinstance(item, Cut):
                yield self._statement(item, file, line, column, rows)
                continue
            yield from self._follow(item, file, line, column, rows, scanner)
            if self.ended:
                break
        if scanner.unclosed is not None and not self.ended:
            line, column = places.of(scanner.unclosed)
            raise ScriptSyntax(file=file, line=line, column=column, reason=_OPEN_COMMENT())
        self.ended = False
        self.chain.pop()

    def _statement(self, cut: Cut, file: str, line: int, column: int, rows: bytes | None) -> Statement:
        if cut.unset is not None:
            raise _refused(file, line, f":'{cut.unset}'", psql.UNSET, name=cut.unset)
        remarks = tuple(remark.decode().strip() for remark in cut.remarks)
        return Statement(
            text=cut.text.decode(),
            file=file,
            line=line,
            column=column,
            database=self.database,
            copy_data=rows,
            remarks=remarks,
            misplaced=tuple(remark.decode().strip() for remark in cut.misplaced),
        )

    def _follow(
        self, command: Command, file: str, line: int, column: int, rows: bytes | None, scanner: Scanner
    ) -> Iterator[Statement]:
        text = command.text.decode()
        name = psql.name_of(text)
        if name == "copy":
            yield self._copy(text, file, line, column, rows)
            return
        try:
            given = psql.arguments(text[1 + len(name) :], self.variables)
        except ValueError:
            raise _refused(file, line, text, psql.PIPE) from None
        if name in _INCLUDES:
            yield from self._include(text, given, file, line, relative=_INCLUDES[name])
        elif name in ("g", "gx"):
            if not command.inside:
                raise _refused(file, line, text, psql.REPEATED)
            self._output(text, given, file, line)
            if cut := scanner.end_statement():
                yield self._statement(cut, file, line, column, None)
        elif name in ("r", "reset"):
            scanner.drop_statement()
        else:
            self._change(name, given, text, file, line)

    def _change(self, name: str, given: tuple[str, ...], text: str, file: str, line: int) -> None:
        """Commands that change the session and run nothing."""
        if name in ("c", "connect"):
            database = psql.database_of(given)
            if isinstance(database, psql.Refusal):
                raise _refused(file, line, text, database)
            self.database = database or self.database
        elif name == "set":
            self._set(given, text, file, line)
        elif name == "unset":
            self.variables.pop("".join(given[:1]), None)
        elif name in ("o", "out"):
            self._output(text, given, file, line)
        elif name in ("q", "quit"):
            self.ended = True
        elif name == "encoding":
            if given and given[0].upper().replace("-", "") not in ("UTF8", "UNICODE"):
                raise _refused(file, line, text, psql.ENCODING)
        elif refusal := psql.refusal(name):
            raise _refused(file, line, text, refusal)

    def _set(self, given: tuple[str, ...], text: str, file: str, line: int) -> None:
        if not given:
            return
        if given[0] == "AUTOCOMMIT" and given[-1].lower() in ("off", "false", "0", "no"):
            raise _refused(file, line, text, psql.AUTOCOMMIT)
        self.variables[given[0]] = "".join(given[1:])

    def _output(self, text: str, given: tuple[str, ...], file: str, line: int) -> None:
        if given and given[0].startswith("|"):
            raise _refused(file, line, text, psql.PIPE)

    def _include(
        self, text: str, given: tuple[str, ...], file: str, line: int, *, relative: bool
    ) -> Iterator[Statement]:
        if not given or given[0] == "-":
            raise _refused(file, line, text, psql.NO_FILE)
        path = resolved_include(given[0], relative=relative, within=file)
        beside = resolved_include(given[0], relative=True, within=file)
        if path not in self.includes and beside in self.includes:
            path = beside  # a project whose scripts are started in their own folder
        if path in self.chain:
            raise _refused(file, line, text, psql.CIRCLE, path=path)
        yield from self.read(path, self._file(path, text, file, line))

    def _copy(self, text: str, file: str, line: int, column: int, rows: bytes | None) -> Statement:
        copied = psql.copy_command(text)
        if isinstance(copied, psql.Refusal):
            raise _refused(file, line, text, copied)
        if copied.file is not None:
            rows = self._file(resolved_include(copied.file, relative=False, within=file), text, file, line)
        return Statement(
            text=copied.statement, file=file, line=line, column=column, database=self.database, copy_data=rows
        )

    def _file(self, path: str, text: str, file: str, line: int) -> bytes:
        data = self.includes.get(path)
        if data is None:
            raise _refused(file, line, text, psql.MISSING_FILE, path=path)
        return data


class _Places:
    """Line and column of ascending offsets in one file."""

    def __init__(self, data: bytes, first_line: int) -> None:
        self.data = data
        self.line = first_line
        self.offset = 0
        self.line_start = 0

    def of(self, offset: int) -> tuple[int, int]:
        """Line, and column in characters, both from 1."""
        newlines = self.data.count(b"\n", self.offset, offset)
        if newlines:
            self.line += newlines
            self.line_start = self.data.rfind(b"\n", self.offset, offset) + 1
        self.offset = offset
        before = self.data[self.line_start : offset]
        return self.line, 1 + (len(before) if before.isascii() else len(before.decode(errors="replace")))


def _refused(file: str, line: int, command: str, refusal: psql.Refusal, **values: str) -> ScriptCommand:
    shown = command if len(command) <= 60 else command[:57] + "…"
    reason, todo = refusal.reason(**values), refusal.todo(file=file, **values)
    return ScriptCommand(file=file, line=line, command=shown, reason=reason, todo=todo)


# -- encoding -------------------------------------------------------------------------------------------------------------

_WIDE = Text(en="it looks like {encoding}", ja="{encoding} のようです")
_BYTE = Text(
    en="byte 0x{byte} does not belong there; it looks like {encoding}",
    ja="不正なバイト 0x{byte} があります。{encoding} のようです",
)
_OPEN_COMMENT = Text(
    en="unterminated /* comment: everything behind it would be passed over",
    ja="コメント /* が閉じられていません。以降の内容がすべて無視されます",
)
_NUL = Text(en="a NUL byte, which no SQL text may hold", ja="SQL に含められない NUL バイトがあります")


def _checked(data: bytes, file: str, first_line: int) -> bytes:
    """The data without its byte order mark; refused where it is not UTF-8."""
    if wide := _wide_encoding(data):
        raise ScriptEncoding(file=file, line=first_line, encoding=wide, reason=_WIDE(encoding=wide))
    text = data.removeprefix(_BOM)
    nul = text.find(b"\0")
    if nul >= 0:
        line, column = _Places(text, first_line).of(nul)
        raise ScriptSyntax(file=file, line=line, column=column, reason=_NUL())
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError as error:
            line, _ = _Places(text, first_line).of(error.start)
            encoding = _likely_encoding(text)
            reason = _BYTE(byte=f"{text[error.start]:02X}", encoding=encoding)
            raise ScriptEncoding(file=file, line=line, encoding=encoding, reason=reason) from None
    return text


def _wide_encoding(data: bytes) -> str | None:
    """The encoding of two or four bytes a letter that a text is in, by its mark or by where its empty bytes stand."""
    if data[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "UTF-32"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16"
    if b"\0" not in data:
        return None
    first, second = data[0::2].count(0), data[1::2].count(0)
    if max(first, second) * 10 < len(data) or min(first, second) * 10 > max(first, second):
        return None
    return "UTF-16BE" if first > second else "UTF-16LE"


def _likely_encoding(data: bytes) -> str:
    runs = _HIGH_BYTES.findall(data)
    # EUC-JP writes in pairs; ISO-8859-1 has no letters from 0x80 to 0x9F, where Shift_JIS begins most of its own
    if all(len(run) % 2 == 0 for run in runs) and _japanese(data, "euc_jp"):
        return "EUC-JP"
    if any(byte < 0xA0 for run in runs for byte in run) and _japanese(data, "cp932"):
        return "CP932"
    return "ISO-8859-1"


def _japanese(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return any("\u3040" <= character <= "\u30ff" or "\u4e00" <= character <= "\u9fff" for character in text)
