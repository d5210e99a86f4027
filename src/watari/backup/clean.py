"""`pg_restore --clean` in somebody's hands: what the runbooks write where watari restores beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from watari.errors.commands import CleanOverLive

__all__ = ["require_no_clean"]

#: Options of pg_restore that take a value, in their short form.
_WITH_VALUE = frozenset("dfFhIjLnNpPSTtUX")


def require_no_clean(argv: Sequence[str], database: str) -> None:
    """Returns unless the command is pg_restore with --clean, aimed at `database`; raises `CleanOverLive`."""
    place = next((place for place, word in enumerate(argv) if PurePath(word).name == "pg_restore"), None)
    if place is None:
        return
    options, files = _read(argv[place + 1 :])
    named = [value for name, value in options if name in ("d", "dbname")]
    if any(name in ("c", "clean") for name, _ in options) and any(database in value for value in named):
        raise CleanOverLive(database=database, file=files[-1] if files else "FILE")


def _read(words: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Options with their values, and what is no option."""
    options: list[tuple[str, str]] = []
    files: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            options.append((name, value if equals or name != "dbname" or not left else left.pop(0)))
        elif word.startswith("-") and len(word) > 1:
            options += _group(word[1:], left)
        else:
            files.append(word)
    return options, files


def _group(letters: str, left: list[str]) -> list[tuple[str, str]]:
    """`-cOd shop`: letters up to the first that takes a value, which is the rest or the next word."""
    for place, letter in enumerate(letters):
        if letter in _WITH_VALUE:
            value = letters[place + 1 :] or (left.pop(0) if left else "")
            return [*((flag, "") for flag in letters[:place]), (letter, value)]
    return [(flag, "") for flag in letters]
