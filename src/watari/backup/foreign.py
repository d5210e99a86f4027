"""Dumps that watari did not make: what kind of file it is, and whether a script keeps to its own database.

A script with `\\connect` or CREATE DATABASE would leave the copy that was made for it, and could reach the live database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path

from watari.backup.rows import RowCounter
from watari.errors.usage import NotADump
from watari.late import pattern
from watari.locale import Message, Text
from watari.locale.system import reason_of

_PIECE = 1 << 20
_CUSTOM = b"PGDMP"
_TAR_OFFSET, _TAR = 257, b"ustar"
#: psql's commands that pg_dump itself writes; they lead nowhere else.
_HARMLESS = (b"\\restrict", b"\\unrestrict", b"\\.")
_DATABASE = pattern(rb"\s*(create|drop|alter)\s+database\b", re.IGNORECASE)

_NO_FILE = Text(en="there is no such file", ja="ファイルがありません")
_EMPTY = Text(en="it is empty", ja="空のファイルです")
_NO_FOLDER = Text(en="the folder has no toc.dat", ja="フォルダーに toc.dat がありません")
_COMPRESSED = Text(en="it is compressed; unpack it first", ja="圧縮されています。先に展開してください")
_COMMAND = Text(
    en="line {line} runs psql's {command}, which may lead to another database (a dump of a whole server by pg_dumpall does)",
    ja="{line} 行目の psql コマンド {command} は別のデータベースに接続し得ます（pg_dumpall によるサーバー全体のダンプなど）",
)
_OTHER_DATABASE = Text(
    en="line {line} makes or changes a database itself ({command}); dump it without --create",
    ja="{line} 行目でデータベース自体を作成・変更しています（{command}）。--create を付けずにダンプしてください",
)
_CUT_OFF = Text(en="it ends in the middle of the rows of {table}", ja="{table} のデータの途中で終わっています")


class DumpKind(StrEnum):
    """What a file holds."""

    SCRIPT = "script"  # plain SQL, for psql
    ARCHIVE = "archive"  # custom, tar or directory, for pg_restore


def kind_of(path: Path) -> DumpKind:
    """What kind of dump the file or folder is. Raises `NotADump`."""
    if path.is_dir():
        if (path / "toc.dat").is_file():
            return DumpKind.ARCHIVE
        raise NotADump(file=path, reason=_NO_FOLDER())
    try:
        with path.open("rb") as file:
            head = file.read(_TAR_OFFSET + len(_TAR))
    except FileNotFoundError:
        raise NotADump(file=path, reason=_NO_FILE()) from None
    except OSError as failure:
        raise NotADump(file=path, reason=reason_of(failure)) from None
    if not head:
        raise NotADump(file=path, reason=_EMPTY())
    if head.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")):
        raise NotADump(file=path, reason=_COMPRESSED())
    return DumpKind.ARCHIVE if head.startswith(_CUSTOM) or head[_TAR_OFFSET:] == _TAR else DumpKind.SCRIPT


def rows_of_script(path: Path) -> dict[str, int]:
    """Rows by qualified table that a script copies in. Raises `NotADump` where it leaves its own database or is cut off."""
    counter = RowCounter(seen=_looks_at(path))
    for piece in pieces(path):
        counter.feed(piece)
    counter.finish()
    if not counter.complete:
        raise NotADump(file=path, reason=_CUT_OFF(table=counter.table))
    return counter.rows


def pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _looks_at(path: Path) -> Callable[[int, bytes], None]:
    def look(number: int, line: bytes) -> None:
        if line.startswith(b"\\") and not line.startswith(_HARMLESS):
            raise NotADump(file=path, reason=_said(_COMMAND, number, line))
        if _DATABASE.match(line):
            raise NotADump(file=path, reason=_said(_OTHER_DATABASE, number, line))

    return look


def _said(text: Text, number: int, line: bytes) -> Message:
    words = line.split()
    command = words[0] if text is _COMMAND else b" ".join(words[:3])
    return text(line=number, command=command.decode("utf-8", "replace")[:80])
