"""What is kept at one place of a plan, by earlier runs and by the plan itself; and the pause that is open there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from watari.catalog import Kept, KeptKind
from watari.planning.plan import Step

__all__ = ["KeptNow"]


class KeptNow:
    """`places` where kept things are, and the `names` that go on as views, by the table they stand for.

    `names_made`: what the statements of the whole plan call relations; `names_going`: the types, functions and sequences that
    they drop. `open_pause`: the steps that hold a pause, and its place
    among them, for as long as every step since waits for a deployment, too.
    """

    def __init__(self, kept: Iterable[Kept]) -> None:
        self.places: set[str] = set()
        self.names: dict[str, Kept] = {}
        self.names_made: Callable[[], frozenset[str]] = frozenset
        self.names_going: Callable[[], frozenset[str]] = frozenset
        self.open_pause: tuple[list[Step], int] | None = None
        self.add(kept)

    def add(self, kept: Iterable[Kept]) -> None:
        """More is kept."""
        for each in kept:
            self.places.add(each.place)
            if each.kind is KeptKind.NAME:
                self.names[each.part("table") or ""] = each
