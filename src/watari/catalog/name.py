"""Names of database objects, written as the server would write them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from watari.late import pattern
from watari.values import dataclass

_PLAIN = pattern(r"[a-z_][a-z0-9_$]*\Z")


@lru_cache(maxsize=65536)
def quoted(identifier: str) -> str:
    """The identifier as shown to people: bare where PostgreSQL folds nothing, else in double quotes.

    For display and for keys; SQL that is sent is composed with `watari.sql.compose`.
    """
    if _PLAIN.match(identifier):
        return identifier
    return '"' + identifier.replace('"', '""') + '"'


class _OneEach(type):
    """Of every name there is one object, so that names are compared and looked up by identity, a million times a run."""

    _made: dict[tuple[str, str], Any] = {}  # noqa: RUF012  # one for the process, on purpose

    def __call__(cls, schema: str, name: str) -> Any:
        found = cls._made.get((schema, name))
        return found if found is not None else cls._made.setdefault((schema, name), super().__call__(schema, name))


@dataclass(frozen=True, order=True)
class Name(metaclass=_OneEach):
    """A schema-qualified name; `str()` gives `public.orders` or `public."Stock"`."""

    schema: str
    name: str

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    def __str__(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def __reduce__(self) -> tuple[type[Name], tuple[str, str]]:
        return Name, (self.schema, self.name)
