"""The journal's own SQL, one statement or question a file in `sql/`; the first line says in plain words what it does."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from watari.sql.compose import Template

_FOLDER = Path(__file__).with_name("sql")


@cache
def load(name: str) -> Template:
    """The text of `sql/<name>.sql`, its `{places}` still open."""
    text = _FOLDER.joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return Template(text.strip().removesuffix(";"))
