"""Files that a SQL script includes (`\\i`, `\\ir`, `\\copy … from 'file'`), read from inside the project only."""

from __future__ import annotations

from pathlib import Path

from watari.frameworks.folders import content
from watari.locale import Message, Text

__all__ = ["included_files"]

_OUTSIDE = Text(
    en='line {line} of "{file}" reads "{path}", which lies outside the project; '
    "move that file into the project and name it by a relative path",
    ja='"{file}" の {line} 行目で読み込む "{path}" はプロジェクトの外にあります。'
    "ファイルをプロジェクト内に移し、相対パスで指定してください",
)


def included_files(root: Path, file: str, data: bytes) -> tuple[dict[str, bytes], Message | None]:
    """Everything that `data` of `file` includes, and what that includes, by path from the resolved folder `root`.

    A file that is not there is left out: the reader of the script names the place. The message tells of a path that leaves
    the project, through `..`, an absolute path or a link; such a file is not read.
    """
    found: dict[str, bytes] = {}
    if b"\\i" not in data and b"\\copy" not in data:
        return found, None
    from watari.sql import scripts

    trouble: Message | None = None
    waiting = [(file, data)]
    while waiting:
        here, text = waiting.pop()
        for written, relative in scripts.included_files(text):
            beside = scripts.resolved_include(written, relative=True, within=here)
            path = scripts.resolved_include(written, relative=relative, within=here)
            inside = [place for place in dict.fromkeys((path, beside)) if (root / place).resolve().is_relative_to(root)]
            if not inside:
                trouble = trouble or _outside(here, text, written)
            there = next((place for place in inside if (root / place).is_file()), None)
            if there is not None and there not in found:
                found[there] = content(root / there, root)
                waiting.append((there, found[there]))
    return found, trouble


def _outside(file: str, data: bytes, written: str) -> Message:
    line = data.count(b"\n", 0, max(data.find(written.encode()), 0)) + 1
    return _OUTSIDE(file=file, line=line, path=written)
