"""SQL that watari writes itself.

The only place outside the doors that imports `psycopg.sql`: it composes and sends nothing. Identifiers and values go in
as values and come out quoted; nothing is ever pasted.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

from watari.catalog.name import Name

__all__ = ["Raw", "Value", "composed"]


class Raw(str):
    """SQL text that PostgreSQL itself or the team's own file wrote (an expression, a definition): used as it is."""

    __slots__ = ()


class Value(str):
    """A text that stands as a literal."""

    __slots__ = ()


def composed(template: LiteralString, /, **parts: Name | Raw | str | int | list[str]) -> str:
    """The statement with its `{places}` filled.

    A `Name` becomes a qualified identifier, a `str` an identifier, a list of `str` a comma-separated list of identifiers,
    an `int` or a `Value` a literal, a `Raw` stands as it is.
    """
    places = {place: _part(part) for place, part in parts.items()}
    return sql.SQL(template).format(**places).as_string(None)


def _part(part: Name | Raw | str | int | list[str]) -> sql.Composable:
    if isinstance(part, Name):
        return sql.Identifier(part.schema, part.name)
    if isinstance(part, Raw):
        return sql.SQL(str(part))
    if isinstance(part, list):
        return sql.SQL(", ").join(sql.Identifier(name) for name in part)
    if isinstance(part, Value):
        return sql.Literal(str(part))
    if isinstance(part, int):
        return sql.Literal(part)
    return sql.Identifier(part)
