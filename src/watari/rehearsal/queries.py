"""What a rehearsal asks of servers, one question a file in `sql/`; the first line says in plain words what it asks."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from psycopg import sql

_FOLDER = Path(__file__).with_name("sql")


@cache
def load(name: str) -> sql.SQL:
    """The text of `sql/<name>.sql`."""
    text = _FOLDER.joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return sql.SQL(text.strip().removesuffix(";"))
