"""Questions to the catalog, one a file in `sql/`; the first line of a file says in plain words what it answers.

Where servers differ, a file `name_160000.sql` answers from that `server_version_num` on, `name.sql` before.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from psycopg import sql

from watari.late import pattern

_FOLDER = Path(__file__).with_name("sql")
_VERSIONED = pattern(r"(?P<name>.+)_(?P<version>\d{6})\.sql\Z")


def load(name: str, version: int | None = None) -> sql.SQL:
    """The query of `sql/<name>.sql`, or its latest form for a server of `version` (`server_version_num`)."""
    return sql.SQL(text(name, version))


def text(name: str, version: int | None = None) -> str:
    """The same as text, to show to people: anyone can run it."""
    return _read(_file(name, version))


def question(name: str) -> str:
    """What the query answers, in plain words."""
    return text(name).partition("\n")[0].removeprefix("--").strip()


def _file(name: str, version: int | None) -> str:
    fitting = [since for since in _versions().get(name, ()) if version is not None and since <= version]
    return f"{name}_{max(fitting)}.sql" if fitting else f"{name}.sql"


@cache
def _versions() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for file in _FOLDER.iterdir():
        if match := _VERSIONED.match(file.name):
            found[match["name"]] = (*found.get(match["name"], ()), int(match["version"]))
    return found


@cache
def _read(file: str) -> str:
    return _FOLDER.joinpath(file).read_text(encoding="utf-8").strip().removesuffix(";")
