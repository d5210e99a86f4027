"""Folders of a project, as detection walks them and as people are told about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from watari.errors.usage import FileUnreadable
from watari.locale.system import reason_of

__all__ = ["content", "folders", "told"]

#: Folders that hold other people's code, or nothing of a project's own.
_STRANGERS = frozenset(
    {
        "node_modules",
        "site-packages",
        "vendor",
        "target",
        "dist",
        "build",
        "venv",
        "env",
        "__pycache__",
        "bower_components",
    }
)
_DEPTH = 3
_ENOUGH = 2_000


def folders(root: Path) -> Iterator[tuple[Path, int]]:
    """`root` and the folders below it with their depth, breadth first, without hidden ones and other people's code."""
    level, depth, seen = [root], 0, 0
    while level and depth <= _DEPTH:
        below: list[Path] = []
        for folder in level:
            seen += 1
            if seen > _ENOUGH:
                return
            yield folder, depth
            below += _children(folder)
        level, depth = below, depth + 1


def _children(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [
                Path(entry.path)
                for entry in entries
                if not entry.name.startswith(".")
                and entry.name not in _STRANGERS
                and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
    return sorted(found)


def told(path: Path, root: Path) -> str:
    """The path for people and for reports: from the project's folder, with forward slashes; absolute outside of it."""
    text, base = str(path), f"{root}{os.sep}"
    if text.startswith(base) and ".." not in text:
        return text[len(base) :].replace(os.sep, "/")
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.as_posix()


def content(path: Path, root: Path) -> bytes:
    """The bytes of one of the team's files; raises `FileUnreadable`."""
    try:
        return path.read_bytes()
    except OSError as reason:
        raise FileUnreadable(file=told(path, root), reason=reason_of(reason)) from None
