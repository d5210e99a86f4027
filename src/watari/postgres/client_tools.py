"""PostgreSQL's client tools on this machine: a name and a server's major version in, the tool that fits out."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from watari.errors.programs import ToolMissing, ToolTooOld
from watari.postgres.installations import installations
from watari.values import dataclass

__all__ = ["ClientTool", "tool"]


@dataclass(frozen=True, kw_only=True)
class ClientTool:
    """One program and its version, such as "18.6" and 18."""

    path: Path
    version: str
    major: int


def tool(name: str, *, at_least: int) -> ClientTool:
    """The tool `name` ("pg_dump", "psql") that is nearest to the major version `at_least` and not older.

    A tool of the folder `WATARI_PG_BIN` is taken before all others, if it is not older. The nearest, because a newer
    pg_dump writes what only a newer server reads; never an older one, because it would leave out what it does not know.
    Raises `ToolMissing`, `ToolTooOld`.
    """
    found = _all(name, os.environ.get("WATARI_PG_BIN"), os.environ.get("PATH"))
    fitting = [each for each in found if each.major >= at_least]
    if fitting:
        return fitting[0] if _named(fitting[0]) else min(fitting, key=lambda each: each.major)
    if found:
        newest = max(found, key=lambda each: each.major)
        raise ToolTooOld(tool=name, found=newest.version, needed=at_least)
    raise ToolMissing(tool=name, needed=at_least)


def _named(found: ClientTool) -> bool:
    named = os.environ.get("WATARI_PG_BIN")
    return bool(named) and found.path.parent == Path(named or "").resolve()


@cache
def _all(name: str, named: str | None, path: str | None) -> tuple[ClientTool, ...]:
    """Every such tool, asked for its version once; the arguments are what the answer depends on."""
    return tuple(
        ClientTool(path=found.folder / name, version=found.version, major=found.major) for found in installations(name)
    )
