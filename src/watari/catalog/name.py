"""Names of database objects, written as the server would write them."""

from __future__ import annotations

from functools import lru_cache

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


@dataclass(frozen=True, order=True)
class Name:
    """A schema-qualified name; `str()` gives `public.orders` or `public."Stock"`."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"
