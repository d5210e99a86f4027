"""The objects of a database as they stood at the backup's moment: kept beside the dump, compared after a restore."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from watari.catalog import Catalog
from watari.catalog.facts import facts
from watari.catalog.words import ADDED, CHANGED, REMOVED, attribute_word, kind_word
from watari.late import pattern
from watari.locale import Message

#: Objects by kind, then by name, each with its attributes: plain JSON.
Inventory = dict[str, dict[str, dict[str, Any]]]
_ENCODING = pattern(r'"collencoding": -?\d+, ')


def inventory(catalog: Catalog) -> Inventory:
    """Every object of the catalog with every attribute that is of the schema."""
    found: Inventory = {}
    for (kind, name), attributes in sorted(facts(catalog).items()):
        found.setdefault(kind, {})[name] = {key: _plain(value) for key, value in attributes.items()}
    return found


def dumps(objects: Inventory) -> bytes:
    """The inventory as JSON, one object a line, so that two of them can be laid side by side with any tool."""
    lines = [
        json.dumps([kind, name, attributes], ensure_ascii=False, sort_keys=True)
        for kind, names in sorted(objects.items())
        for name, attributes in sorted(names.items())
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def loads(data: bytes) -> Inventory:
    """The inventory that `dumps` wrote."""
    found: Inventory = {}
    # split by the newline only: a value may hold other characters that Python takes for the end of a line
    for line in data.decode("utf-8", "surrogatepass").rstrip("\n").split("\n"):
        kind, name, attributes = json.loads(line)
        found.setdefault(kind, {})[name] = attributes
    return found


def differences(before: Inventory, after: Inventory, *, same_version: bool = True) -> tuple[Message, ...]:
    """One sentence for each object that is in one of them only, and for each attribute that differs.

    Servers of different major versions write definitions in their own ways and keep what others do not (NOT NULL as a
    constraint, since 18), so that there only what is missing counts.
    """
    if same_version:
        return tuple(message for kind in sorted({*before, *after}) for message in _of_kind(kind, before, after))
    return tuple(
        REMOVED(kind=kind_word(kind)(), object=name)
        for kind in sorted(before.keys() - {"not-null constraint"})
        for name in sorted(before[kind].keys() - after.get(kind, {}).keys())
    )


def _of_kind(kind: str, before: Inventory, after: Inventory) -> Iterator[Message]:
    old, new = before.get(kind, {}), after.get(kind, {})
    for name in sorted({*old, *new}):
        place = {"kind": kind_word(kind)(), "object": name}
        if name not in new:
            yield REMOVED(**place)
        elif name not in old:
            yield ADDED(**place)
        else:
            yield from _attributes(place, old[name], new[name])


def _attributes(place: Mapping[str, object], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Message]:
    for attribute in sorted({*old, *new}):
        before, after = (_comparable(side.get(attribute)) for side in (old, new))
        if before != after:
            word = attribute_word(attribute)()
            yield CHANGED(**place, attribute=word, before=json.dumps(before), after=json.dumps(after))


def _comparable(value: Any) -> Any:
    # pg_dump writes no encoding: a collation copied from one for all encodings comes back bound to the database's
    return _ENCODING.sub("", value) if isinstance(value, str) else value


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
