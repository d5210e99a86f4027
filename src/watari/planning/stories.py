"""How the objects of a plan came to be: the statements that made each of them, and those that changed it since.

What the plan itself made and then drops is made again by telling its story once more.
"""

from __future__ import annotations

__all__ = ["Stories"]


class Stories:
    """One story for each object that the plan made, by kind ("table", "index", "trigger", …) and name."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], list[str]] = {}

    def tell(self, kind: str, object: str, text: str) -> None:
        """Remembers the statement that made an object, or changed it since."""
        self._told.setdefault((kind, object), []).append(text)

    def tell_if_known(self, kind: str, object: str, text: str) -> None:
        """Remembers a statement that changed an object, if this plan made that object."""
        if (kind, object) in self._told:
            self._told[kind, object].append(text)

    def rename(self, kind: str, old: str, new: str) -> None:
        """The object goes by another name from here on."""
        if told := self._told.pop((kind, old), None):
            self._told[kind, new] = told

    def forget(self, kind: str, object: str) -> None:
        """The object is gone; one of the same name that comes later has a story of its own."""
        self._told.pop((kind, object), None)

    def of(self, kind: str, object: str) -> tuple[str, ...] | None:
        """The statements, in order; None for what was there before the plan."""
        told = self._told.get((kind, object))
        return tuple(told) if told else None
