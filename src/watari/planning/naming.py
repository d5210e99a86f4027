"""How the objects of a plan are called: places for people and keys, and the names that are no longer free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watari.catalog import Name, quoted

if TYPE_CHECKING:
    from watari.planning.scene import Scene

__all__ = ["TEMPORARY", "Taken", "below"]

#: Where tables of one session are; the name of the schema differs from session to session.
TEMPORARY = "pg_temp"


def below(table: Name, part: str) -> str:
    """The name of a column or constraint: `public.orders.total`."""
    return f"{table}.{quoted(part)}"


class Taken:
    """The names of a schema, asked one by one: a schema can have tens of thousands."""

    def __init__(self, scene: Scene, schema: str, *, constraints: bool) -> None:
        self._scene = scene
        self._schema = schema
        self._constraints = scene.constraint_names(schema) if constraints else frozenset()

    def __contains__(self, name: object) -> bool:
        return name in self._constraints or self._scene.exists(Name(self._schema, str(name)))
