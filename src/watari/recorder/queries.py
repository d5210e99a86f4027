"""The recorder's own questions, one a file in `sql/`; the first line says in plain words what it asks."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from psycopg import sql


@cache
def load(name: str) -> sql.SQL:
    """The text of `sql/<name>.sql`, its `{places}` still open."""
    text = files("watari.recorder").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    lines = [line for line in text.strip().removesuffix(";").splitlines() if not line.startswith("--")]
    return sql.SQL("\n".join(lines))
