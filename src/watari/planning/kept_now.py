"""What is kept at one place of a plan, by earlier runs and by the plan itself; and the pause that is open there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from watari.catalog import COPIED, Kept, KeptKind, quoted
from watari.planning.plan import Step

__all__ = ["KeptNow"]


class KeptNow:
    """`places` where kept things are, the `names` that go on as views, by the table they stand for, and the `replaced`
    columns that are written back, by the place of the column that took theirs; `column_names` that go on as columns, by the
    place of the renamed one.

    `names_made` and `columns_made`: what the statements of the whole plan call relations and columns; `names_going`: the types, functions and sequences that
    they drop. `open_pause`: the steps that hold a pause, and its place
    among them, for as long as every step since waits for a deployment, too.
    """

    def __init__(self, kept: Iterable[Kept]) -> None:
        self.places: set[str] = set()
        self.copied = 0  # how often rows or values were copied aside
        self.names: dict[str, Kept] = {}
        self.replaced: dict[str, Kept] = {}
        self.column_names: dict[str, Kept] = {}
        self.names_made: Callable[[], frozenset[str]] = frozenset
        self.columns_made: Callable[[], frozenset[tuple[str, str]]] = frozenset
        self.names_going: Callable[[], frozenset[str]] = frozenset
        self.open_pause: tuple[list[Step], int] | None = None
        self.add(kept)

    def add(self, kept: Iterable[Kept]) -> None:
        """More is kept."""
        for each in kept:
            self.places.add(each.place)
            self.copied += each.kind in COPIED
            if each.kind is KeptKind.NAME:
                self.names[each.part("table") or ""] = each
            elif each.kind is KeptKind.COLUMN_NAME:
                self.column_names[f"{each.relation}.{quoted(each.part('column') or '')}"] = each
            elif each.kind is KeptKind.REPLACED and each.part("trigger"):
                column = each.object.rpartition(".")[2] if '"' not in each.object else each.object.split(".", 2)[-1]
                self.replaced[f"{each.relation}.{column}"] = each

    def drop(self, kept: Kept) -> None:
        """One thing is kept no longer."""
        self.names = {table: each for table, each in self.names.items() if each is not kept}
        self.replaced = {column: each for column, each in self.replaced.items() if each is not kept}
        self.column_names = {column: each for column, each in self.column_names.items() if each is not kept}
