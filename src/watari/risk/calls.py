"""Functions that a query calls for what they do: numbers taken from sequences, settings changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import LockMode, Name
from watari.risk.footprint import Footprint
from watari.sql.grammar import Written, body, calls_in, strings

__all__ = ["follow_settings", "look_at_sequences", "sequences_called", "touch_sequences"]

_ON_SEQUENCES = frozenset({"nextval", "setval", "currval"})


def sequences_called(tree: Any, footprint: Footprint) -> Iterator[Name]:
    """The sequences that an expression names in nextval, setval or currval."""
    for message in calls_in(tree):
        if strings(message.funcname)[-1] not in _ON_SEQUENCES or not message.args:
            continue
        kind, inner = body(message.args[0])
        while kind == "type_cast":
            kind, inner = body(inner.arg)
        if kind == "a_const" and inner.WhichOneof("val") == "sval":
            yield footprint.world.resolve(_named(inner.sval.sval))


def touch_sequences(tree: Any, footprint: Footprint) -> None:
    """They are locked as rows are."""
    for name in sequences_called(tree, footprint):
        footprint.lock(name, LockMode.ROW_EXCLUSIVE)


#: A default that names a sequence looks at it since then.
_LOOKS = 18


def look_at_sequences(default: Any, footprint: Footprint) -> None:
    """The sequences that a column's default names are looked at when it is set."""
    if footprint.world.major >= _LOOKS:
        for name in sequences_called(default, footprint):
            footprint.lock(name, LockMode.ACCESS_SHARE)


def follow_settings(tree: Any, footprint: Footprint) -> None:
    """`set_config('search_path', …)`, as a dump begins, decides what later names mean."""
    from watari.risk.effects.alone import follow_path, follow_timezone

    for message in calls_in(tree):
        if strings(message.funcname)[-1] == "set_config":
            name, value = (node.a_const.sval.sval for node in message.args[:2])
            if name.lower() == "search_path":
                follow_path(tuple(word.strip().strip('"') for word in value.split(",")), footprint.world)
            elif name.lower() == "timezone":
                follow_timezone(value, footprint.world)


def _named(text: str) -> Written:
    """The name in the text of a regclass: `seq`, `public."Seq"`."""
    schema, separator, name = text.rpartition(".")
    return Written(_bare(schema) if separator else None, _bare(name))


def _bare(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()
