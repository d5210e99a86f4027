"""Folders of numbered SQL files: which files are migrations, in which order, which of them go up and which down."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from watari.late import pattern
from watari.values import dataclass

__all__ = ["NumberedFile", "has_numbered_files", "numbered_files"]

_VERSION = pattern(r"[vV]?(?P<version>\d+(?:[._-]\d+)*[a-z]?)(?=[._-]|$)")
_DIRECTIONS = {".up": "up", ".down": "down", ".undo": "down", ".rollback": "down"}
#: Files that tools write or read beside migrations and that are none.
_BESIDE = frozenset({"schema.sql", "structure.sql", "dump.sql", "seed.sql", "seeds.sql"})
_PIECE = pattern(r"\d+|[a-z]+")


@dataclass(frozen=True, kw_only=True)
class NumberedFile:
    """One migration of a folder: its id, its order, and its files.

    `place` is the version as numbers, so that 2 comes before 10 and 001 equals 1; None where the name has no number.
    """

    id: str
    name: str
    place: tuple[tuple[int, str], ...] | None
    up: Path | None
    down: Path | None = None


def has_numbered_files(folder: Path) -> int:
    """How many SQL files of the folder begin with a version."""
    return sum(1 for name in _sql_names(folder) if _VERSION.match(name.removesuffix(".sql")))


def numbered_files(folder: Path) -> tuple[NumberedFile, ...]:
    """The migrations of `folder` in order: `init.sql` first, then by version, then by name.

    Beside an `init.sql`, the folder `migrations` below belongs to it.
    """
    paths = _sql_files(folder)
    if any(path.name == "init.sql" for path in paths):
        paths += _sql_files(folder / "migrations")
    found = {path: _read_name(path) for path in paths if path.name not in _BESIDE}
    downs = {stem: path for path, (stem, direction) in found.items() if direction == "down"}
    migrations = [_migration(stem, path, downs.pop(stem, None)) for path, (stem, way) in found.items() if way == "up"]
    migrations += [_migration(stem, None, path) for stem, path in downs.items()]
    return tuple(sorted(migrations, key=_order))


def _sql_files(folder: Path) -> list[Path]:
    return [folder / name for name in sorted(_sql_names(folder))]


def _sql_names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return [name for name in os.listdir(folder) if name.endswith(".sql") and not name.startswith(".")]  # noqa: PTH208


def _read_name(path: Path) -> tuple[str, str]:
    """The name without directions and endings, and the direction."""
    stem = path.name.removesuffix(".sql")
    for ending, direction in _DIRECTIONS.items():
        if stem.endswith(ending):
            return stem.removesuffix(ending), direction
    return stem, "up"


def _migration(stem: str, up: Path | None, down: Path | None) -> NumberedFile:
    version = _VERSION.match(stem)
    if version is None:
        return NumberedFile(id=stem, name=stem, place=None, up=up, down=down)
    text = version.group("version")
    return NumberedFile(id=text, name=stem, place=_place(text), up=up, down=down)


def _place(version: str) -> tuple[tuple[int, str], ...]:
    return tuple((int(piece), "") if piece.isdigit() else (0, piece) for piece in _PIECE.findall(version))


def _order(migration: NumberedFile) -> tuple[object, ...]:
    if migration.id == "init" and migration.place is None:
        return (0, (), ())
    if migration.place is not None:
        return (1, migration.place, migration.name)
    return (2, _natural(migration.name), migration.name)


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    pieces: Iterable[str] = re.findall(r"\d+|\D+", name)
    return tuple((0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in pieces)
