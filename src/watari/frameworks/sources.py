"""What a recording of a tool rests on, as one digest: the project's code, and what is installed for it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["digest_of", "installed", "project_files"]

#: Files that decide what a tool sends. Settings that only stand in environment variables are none.
_CODE = frozenset(
    {
        *(".py", ".rs", ".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".sql"),
        *(".toml", ".ini", ".cfg", ".json", ".yaml", ".yml", ".lock"),
    }
)
_LARGEST = 4 << 20
_STRANGERS = frozenset({"node_modules", "site-packages", "target", "__pycache__", "venv"})


def project_files(root: Path) -> Iterator[Path]:
    """The project's own code and settings below `root`, in order; neither hidden folders nor what was installed."""
    for folder, below, names in os.walk(root):
        below[:] = sorted(
            name
            for name in below
            if not name.startswith(".") and name not in _STRANGERS and not (Path(folder) / name / "pyvenv.cfg").exists()
        )
        yield from (Path(folder) / name for name in sorted(names) if Path(name).suffix in _CODE)


def installed(python: Path) -> Iterator[str]:
    """The names with versions of the packages in an interpreter's environment."""
    for site in sorted(python.parents[1].glob("lib/python*/site-packages")):
        yield from sorted(entry.name for entry in site.glob("*.dist-info"))


def digest_of(files: Iterable[Path], words: Iterable[str] = ()) -> str:
    """SHA-256 of the files with their paths, and of the words; a file that cannot be read counts as an empty one.

    What is too large for code counts by its size and time.
    """
    found = hashlib.sha256()
    for file in files:
        try:
            status = file.stat()
            large = status.st_size > _LARGEST
            data = f"{status.st_size} {status.st_mtime_ns}".encode() if large else file.read_bytes()
        except OSError:
            data = b""
        found.update(f"{file}\0{len(data)}\0".encode(errors="surrogateescape"))
        found.update(data)
    for word in words:
        found.update(f"{word}\0".encode())
    return found.hexdigest()
