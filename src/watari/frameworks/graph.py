"""Walks through a graph of migrations, given as the parents of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

__all__ = ["ancestors", "descendants"]


def ancestors(ids: Iterable[str], parents: Mapping[str, Collection[str]]) -> set[str]:
    """The migrations themselves, as far as they are known, and everything they come after."""
    return _reached(ids, parents)


def descendants(id: str, parents: Mapping[str, Collection[str]]) -> set[str]:
    """Everything that comes after the migration, without itself."""
    children: dict[str, list[str]] = defaultdict(list)
    for child, before in parents.items():
        for parent in before:
            children[parent].append(child)
    return _reached([id], {**dict.fromkeys(parents, ()), **children}) - {id}


def _reached(ids: Iterable[str], following: Mapping[str, Collection[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [id for id in ids if id in following]
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += following.get(id, ())
    return found
