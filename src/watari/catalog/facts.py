"""A catalog as flat facts: every object by its kind and name, every attribute that is of the schema.

Fingerprint and difference both read these, so that one is equal exactly where the other is empty. Not among the facts
is what changes without anyone changing the schema (fields marked `live`, sessions, settings, sizes) and what a clone does
not share with its origin (the database's name, the server's version, the reading session's search path).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from watari.catalog.catalog import Catalog
from watari.catalog.name import quoted
from watari.catalog.objects import (
    Column,
    Constraint,
    ConstraintKind,
    Extension,
    Index,
    Other,
    Policy,
    Routine,
    Schema,
    Sequence,
    Table,
    TableKind,
    Trigger,
    Type,
)
from watari.values import MISSING, fields

#: The words that constraints and relations are known by in keys and differences.
CONSTRAINTS = {
    ConstraintKind.CHECK: "check constraint",
    ConstraintKind.FOREIGN_KEY: "foreign key",
    ConstraintKind.PRIMARY_KEY: "primary key",
    ConstraintKind.UNIQUE: "unique constraint",
    ConstraintKind.EXCLUSION: "exclusion constraint",
    ConstraintKind.NOT_NULL: "not-null constraint",
}
RELATIONS = {
    TableKind.TABLE: "table",
    TableKind.PARTITIONED: "table",
    TableKind.VIEW: "view",
    TableKind.MATERIALIZED_VIEW: "materialized view",
    TableKind.FOREIGN: "foreign table",
}

#: One object: its kind ("table", "column", "foreign key", …) and its name as people see it.
Key = tuple[str, str]
Value = str | bool | int | None | tuple[str, ...]
Facts = Mapping[str, Value]

# how an object is called is in its key already; a column's place is a fact of its table
_IN_KEY: Mapping[type, set[str]] = {
    Table: {"name", "columns"},
    Column: {"name", "position"},
    Index: {"name"},
    Constraint: {"name", "table", "kind"},
    Trigger: {"name", "table"},
    Policy: {"name", "table"},
    Sequence: {"name"},
    Routine: {"name", "arguments"},
    Type: {"name"},
    Extension: {"name"},
    Schema: {"name"},
    Other: {"kind", "identity"},
}
#: The attributes of each kind of object with their defaults (`MISSING` where there is none).
_ATTRIBUTES: Mapping[type, Mapping[str, Any]] = {
    kind: {f.name: f.default for f in fields(kind) if f.name not in in_key and not f.metadata.get("live")}
    for kind, in_key in _IN_KEY.items()
}
_CLASSES: Mapping[str, type] = {
    **dict.fromkeys(RELATIONS.values(), Table),
    **dict.fromkeys(CONSTRAINTS.values(), Constraint),
    "column": Column,
    "index": Index,
    "trigger": Trigger,
    "policy": Policy,
    "sequence": Sequence,
    "routine": Routine,
    "type": Type,
    "extension": Extension,
    "schema": Schema,
}


def facts(catalog: Catalog) -> dict[Key, Facts]:
    """Every object by kind and name, with its attributes that are not what they are by `default`."""
    found: dict[Key, Facts] = {}
    for schema in catalog.namespaces.values():
        found["schema", quoted(schema.name)] = _of(schema)
    for table in catalog.tables.values():
        found.update(_table(table))
    for index in catalog.indexes.values():
        found["index", str(index.name)] = _of(index)
    for constraint in catalog.constraints:
        found[CONSTRAINTS[constraint.kind], on_table(constraint)] = _of(constraint)
    found.update(_code(catalog))
    for extension in catalog.extensions.values():
        found["extension", quoted(extension.name)] = _of(extension)
    for other in catalog.others:
        found[other.kind, other.identity] = _of(other)
    return found


def on_table(thing: Constraint | Trigger | Policy) -> str:
    """The name of something that belongs to a table: `public.orders.orders_user_id_fkey`."""
    return f"{thing.table}.{quoted(thing.name)}"


def _table(table: Table) -> Iterator[tuple[Key, Facts]]:
    names = tuple(column.name for column in table.columns)
    place = str(table.name)
    yield (RELATIONS[table.kind], place), {**_of(table), "columns": names}
    for column in table.columns:
        yield ("column", f"{place}.{quoted(column.name)}"), _of(column)


def _code(catalog: Catalog) -> Iterator[tuple[Key, Facts]]:
    for trigger in catalog.triggers:
        yield ("trigger", on_table(trigger)), _of(trigger)
    for policy in catalog.policies:
        yield ("policy", on_table(policy)), _of(policy)
    for sequence in catalog.sequences.values():
        yield ("sequence", str(sequence.name)), _of(sequence)
    for routine in catalog.routines:
        yield ("routine", f"{routine.name}({routine.arguments})"), _of(routine)
    for type_ in catalog.types.values():
        yield ("type", str(type_.name)), _of(type_)


def default(kind: str, attribute: str) -> Value:
    """What an attribute is where the facts of an object do not mention it."""
    value = _ATTRIBUTES[_CLASSES.get(kind, Other)].get(attribute)
    return None if value is MISSING else _plain(value)


def _of(thing: Any) -> dict[str, Value]:
    """The attributes that are not what they are by default: most of twenty thousand objects' are."""
    known = _ATTRIBUTES[type(thing)]
    return {
        name: _plain(value)
        for name, value in vars(thing).items()
        if name in known and value is not (by_default := known[name]) and value != by_default
    }


def _plain(value: object) -> Value:
    if value is None or type(value) in (str, bool, int):
        return value  # type: ignore[return-value]
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return tuple(["" if part is None else str(part) for part in value])
    return str(value)
