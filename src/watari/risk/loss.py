"""What is lost when something is dropped: rows, values, and what depends on it."""

from __future__ import annotations

import builtins

from watari.catalog import Name
from watari.locale import Message, Text
from watari.risk.alteration import views_with
from watari.risk.hazard import Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation

__all__ = ["dependants_of", "loss_level", "table_facts", "weight"]

_EMPTY = Text(en="it is empty", ja="空のテーブルです")


def table_facts(situation: Situation, name: Name) -> dict[str, builtins.object]:
    """Rows, bytes and dependants of a table that goes."""
    facts = situation.size_facts(name)
    if dependants := dependants_of(situation, name):
        facts["dependants"] = dependants
    return facts


def dependants_of(situation: Situation, name: Name, column: str | None = None) -> list[str]:
    """Views and foreign keys of other tables that need a table, or one column of it."""
    world = situation.world
    views = world.views_of(name) if column is None else views_with(world, name, column)
    keys = [
        key
        for key in world.referencing(name)
        if key.table != name and (column is None or column in key.referenced_columns)
    ]
    return [*(str(view) for view in views), *(f"{key.table}.{key.name}" for key in keys)]


def loss_level(situation: Situation, name: Name) -> Level | None:
    """How loud the loss of rows is: nothing is lost of what is new or empty; of what is not there yet nobody knows."""
    if not situation.old(name):
        return None
    if situation.world.known and not situation.world.is_seen(name):
        return Level.WARN
    return Level.INFO if situation.world.is_empty(name) else Level.BLOCK


def weight(situation: Situation, name: Name, facts: dict[str, builtins.object]) -> Message:
    """How much is lost, in words."""
    return _EMPTY() if situation.world.is_empty(name) else amount(facts)
