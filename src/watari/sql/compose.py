"""SQL that watari writes itself.

The only place outside the doors that imports `psycopg.sql`: it composes and sends nothing. Identifiers and values go in
as values and come out quoted; nothing is ever pasted.
"""

from __future__ import annotations

from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any, LiteralString

from psycopg import sql

from watari.catalog.name import Name

if TYPE_CHECKING:
    from psycopg.abc import AdaptContext

__all__ = ["Raw", "Template", "Value", "composed"]


class Raw(str):
    """SQL text that PostgreSQL itself or the team's own file wrote (an expression, a definition): used as it is."""

    __slots__ = ()


class Value(str):
    """A text that stands as a literal."""

    __slots__ = ()


class Template(sql.SQL):
    """As `sql.SQL`, for what is filled once a migration: taken apart once, and its own text encoded once."""

    def __init__(self, text: LiteralString) -> None:
        super().__init__(text)
        parts = list(Formatter().parse(text))
        if any(spec or conversion for _, _, spec, conversion in parts):
            raise ValueError(f"a place with a form of its own: {text}")
        numbers = iter(range(len(parts)))
        self._parts = tuple(
            (_Fixed(text) if text else None, next(numbers) if place == "" else place) for text, place, _, _ in parts
        )

    def format(self, *values: Any, **named: Any) -> sql.Composed:
        """The template with its places filled; what is no `Composable` becomes a literal."""
        found: list[sql.Composable] = []
        for fixed, place in self._parts:
            if fixed is not None:
                found.append(fixed)
            if place is not None:
                value = values[place] if isinstance(place, int) else named[place]
                found.append(value if isinstance(value, sql.Composable) else sql.Literal(value))
        return _Filled(found)


class _Filled(sql.Composed):
    """Pieces that need no further look."""

    def __init__(self, pieces: list[sql.Composable]) -> None:
        self._obj = pieces


class _Fixed(sql.SQL):
    """A piece of a template, whose bytes are the same in each encoding that a client may have, as long as it is ASCII."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._bytes = text.encode() if text.isascii() else None

    def as_bytes(self, context: AdaptContext | None = None) -> bytes:
        """The text in the encoding of the session."""
        return super().as_bytes(context) if self._bytes is None else self._bytes


@cache
def _template(text: LiteralString) -> Template:
    return Template(text)


def composed(template: LiteralString, /, **parts: Name | Raw | str | int | list[str]) -> str:
    """The statement with its `{places}` filled.

    A `Name` becomes a qualified identifier, a `str` an identifier, a list of `str` a comma-separated list of identifiers,
    an `int` or a `Value` a literal, a `Raw` stands as it is.
    """
    places = {place: _part(part) for place, part in parts.items()}
    return _template(template).format(**places).as_string(None)


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
