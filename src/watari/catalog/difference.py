"""Where two catalogs differ, object by object and attribute by attribute."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum

from watari.catalog.catalog import Catalog
from watari.catalog.facts import RELATIONS, Facts, Key, Value, default, facts
from watari.catalog.words import ADDED, CHANGED, NO, NOTHING, REMOVED, YES, attribute_word, kind_word
from watari.locale import Message
from watari.values import dataclass


class Change(StrEnum):
    """What became of an object between two catalogs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One object that is in one catalog only, or one attribute of it that differs.

    `kind` is the object's kind ("table", "column", "foreign key", …), `object` its name as people see it, `before` and
    `after` the attribute's values.
    """

    kind: str
    object: str
    change: Change
    attribute: str | None = None
    before: Value = None
    after: Value = None

    @property
    def message(self) -> Message:
        """One line for people."""
        place = {"kind": kind_word(self.kind)(), "object": self.object}
        if self.change is Change.ADDED:
            return ADDED(**place)
        if self.change is Change.REMOVED:
            return REMOVED(**place)
        word = attribute_word(self.attribute or "")
        return CHANGED(**place, attribute=word(), before=_shown(self.before), after=_shown(self.after))

    def __str__(self) -> str:
        return str(self.message)


def difference(before: Catalog, after: Catalog, *, ignore: Collection[str] = ()) -> tuple[Difference, ...]:
    """Everything of the schema that is not the same in both, by kind and name; empty where the fingerprints are equal.

    What belongs to a table that was added or removed as a whole is not listed again. `ignore` names attributes that do
    not count ("owner", "acl", "tablespace", …), for a clone on a server that does not know the roles.
    """
    old, new = facts(before), facts(after)
    gone, made = old.keys() - new.keys(), new.keys() - old.keys()
    found = [Difference(kind=k, object=name, change=Change.REMOVED) for k, name in gone - _belonging(gone, before)]
    found += [Difference(kind=k, object=name, change=Change.ADDED) for k, name in made - _belonging(made, after)]
    for key in old.keys() & new.keys():
        if old[key] != new[key]:
            found += _changes(key, old[key], new[key], ignore)
    return tuple(sorted(found, key=lambda d: (d.kind, d.object, d.change, d.attribute or "")))


def _belonging(keys: Collection[Key], catalog: Catalog) -> set[Key]:
    """Those of `keys` whose table is among them too."""
    tables = {name for kind, name in keys if kind in RELATIONS.values()}
    indexes = {str(index.name): str(index.table) for index in catalog.indexes.values()}
    sequences = {str(s.name): s.owned_by or "" for s in catalog.sequences.values()}
    found = set()
    for kind, name in keys:
        if kind in RELATIONS.values():
            continue
        of = {"index": indexes, "sequence": sequences}.get(kind, {}).get(name, name)
        if of in tables or any(of.startswith(table + ".") for table in _prefixes(of, tables)):
            found.add((kind, name))
    return found


def _prefixes(name: str, tables: set[str]) -> Iterator[str]:
    place = name.find(".")
    while place >= 0:
        if name[:place] in tables:
            yield name[:place]
        place = name.find(".", place + 1)


def _changes(key: Key, before: Facts, after: Facts, ignore: Collection[str]) -> Iterator[Difference]:
    kind, name = key
    for attribute in sorted(before.keys() | after.keys()):
        usual = default(kind, attribute)
        old, new = before.get(attribute, usual), after.get(attribute, usual)
        if old == new or attribute in ignore:
            continue
        if kind in RELATIONS.values() and attribute == "columns" and not _reordered(old, new):
            continue
        yield Difference(kind=kind, object=name, change=Change.CHANGED, attribute=attribute, before=old, after=new)


def _reordered(before: Value, after: Value) -> bool:
    """Whether the columns that both have stand in another order; added and removed ones are told on their own."""
    old, new = (value if isinstance(value, tuple) else () for value in (before, after))
    return [name for name in old if name in new] != [name for name in new if name in old]


def _shown(value: Value) -> Message | str:
    if value is None or value == "" or value == ():
        return NOTHING()
    if isinstance(value, bool):
        return YES() if value else NO()
    return ", ".join(value) if isinstance(value, tuple) else str(value)
