"""How a value of one type becomes one of another: what the type change as written computes for each row."""

from __future__ import annotations

from typing import Any, LiteralString

from watari.catalog import Column, Name, Table
from watari.planning.scene import Scene
from watari.planning.trees import copied, expression, rename_columns, type_text
from watari.sql.compose import Raw, composed
from watari.sql.grammar import TypeRef, column_references, function_calls, type_of, type_ref
from watari.values import dataclass

__all__ = [
    "NO_EQUALITY",
    "Conversion",
    "Reverse",
    "back",
    "conversion",
    "is_steady_call",
    "keeps_expressions",
    "reverse",
]

#: Types without an equality operator of their own.
NO_EQUALITY = frozenset({"json", "xml", "point", "line", "lseg", "box", "path", "polygon", "circle"})
#: Types whose text, or whose conversion into each other, depends on settings of the session.
_SESSION = frozenset(
    {
        "timestamp",
        "timestamptz",
        "date",
        "time",
        "timetz",
        "interval",
        "money",
        "bytea",
        "float4",
        "float8",
        "json",
        "jsonb",
    }
)
_NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8", "bool"})
#: Types whose values are cut or rounded when they become one of these.
_EXACT = {
    "numeric": frozenset({"int2", "int4", "int8", "float4", "float8"}),
    "float8": frozenset({"int2", "int4", "int8", "numeric", "float4"}),
    "float4": frozenset({"int2", "int4", "int8", "numeric"}),
    "int8": frozenset({"float4", "float8", "bool"}),
    "int4": frozenset({"float4", "bool"}),
    "timestamp": frozenset({"date", "time"}),
    "timestamptz": frozenset({"date", "time", "timetz"}),
    "timetz": frozenset({"time"}),
    "json": frozenset({"jsonb"}),
}
#: Types with the same operators: the server puts no casts into an expression when a column goes from one to another.
_FAMILIES = (frozenset({"int2", "int4", "int8"}), frozenset({"text", "varchar"}))
#: Functions of the server that give the same for the same values, whoever asks.
_STEADY = frozenset(
    {
        "abs", "ascii", "btrim", "ceil", "ceiling", "char_length", "chr", "concat", "decode", "encode", "floor", "initcap",
        "left", "length", "lower", "lpad", "ltrim", "md5", "nullif", "octet_length", "pg_catalog", "regexp_replace",
        "replace", "reverse", "right", "round", "rpad", "rtrim", "split_part", "string_to_array", "strpos", "substr",
        "substring", "timezone", "to_date", "to_jsonb", "to_number", "to_timestamp", "translate", "trim", "trunc", "upper",
        "array_length", "array_to_string", "date_part", "date_trunc", "extract", "make_interval", "make_date", "to_char",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """One column's way to its new type.

    `value` is the expression over the row's columns that is assigned, `in_trigger` the same over NEW, `cast` the value as
    the new type. `steady`: the outcome does not depend on settings of a session, and can be compared with `=`. `plain`: it is
    a cast within the integers or to text of any length, where values that compare equal are the same value.
    """

    type: str
    value: str
    in_trigger: str
    cast: str
    steady: bool
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class Reverse:
    """How values of the new type become ones of the old again: as an assignment does it, within `bounds` where it has such.

    `comparable`: whether the new type has an equality operator.
    """

    bounds: tuple[int, int] | None = None
    comparable: bool = True


#: What integer types hold. Source: documentation, "Numeric Types".
_BOUNDS = {"int2": (-(2**15), 2**15 - 1), "int4": (-(2**31), 2**31 - 1), "int8": (-(2**63), 2**63 - 1)}


def reverse(column: Column, definition: Any) -> Reverse | None:
    """The way back of a plain cast; None where an expression makes the new values, whose reverse nobody knows."""
    if definition.HasField("raw_default") and not _is_plain_cast(definition.raw_default, column.name):
        return None
    old, new = type_of(column.type), type_ref(definition.type_name)
    if old is None:
        return None
    bounds = _BOUNDS.get(old.name) if new.name in _NUMBERS - {"bool"} and not new.array else None
    return Reverse(bounds=bounds, comparable=new.name not in NO_EQUALITY)


def conversion(table: Table, column: Column, definition: Any, scene: Scene) -> Conversion | None:
    """The conversion of ALTER COLUMN … TYPE; None where two sessions, or two moments, might compute different values."""
    new = type_text(definition.type_name)
    if not definition.HasField("raw_default"):
        value, in_trigger = composed("{column}", column=column.name), composed("new.{column}", column=column.name)
        steady = _steady(column.type, definition.type_name)
        plain = _is_plain(column.type, definition.type_name)
        return Conversion(
            type=new, value=value, in_trigger=in_trigger, cast=_cast(value, new), steady=steady, plain=plain
        )
    using = definition.raw_default
    if not all(is_steady_call(call.schema, call.name, scene) for call in function_calls(using)):
        return None
    read = (table.column(name) for name in column_references(using))
    if any(found is None or found.generated for found in read):
        return None
    own = copied(using)
    rename_columns(own, lambda words: ("new", words[-1]))
    value = _grouped(using)
    steady = _is_plain_cast(using, column.name) and _steady(column.type, definition.type_name)
    return Conversion(type=new, value=value, in_trigger=_grouped(own), cast=_cast(value, new), steady=steady)


def _grouped(tree: Any) -> str:
    return composed("({expression})", expression=Raw(expression(tree)))


def _cast(value: str, type: str) -> str:
    return composed("({value})::{type}", value=Raw(value), type=Raw(type))


def back(table: Name, column: Column, definition: Any) -> str | None:
    """The type change that takes ALTER COLUMN … TYPE back; None where the values from before cannot be had again."""
    if definition.HasField("raw_default") and not _is_plain_cast(definition.raw_default, column.name):
        return None
    old, new = type_of(column.type), type_ref(definition.type_name)
    if old is None or _loses(old, new):
        return None
    template: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} TYPE {type}{collation} USING {column}::{type}"
    collation = composed(" COLLATE {name}", name=Raw(column.collation)) if column.collation else ""
    return composed(template, table=table, column=column.name, type=Raw(column.type), collation=Raw(collation))


def keeps_expressions(column: Column, definition: Any) -> bool:
    """Whether expressions over the column read the same after a change of its type and back."""
    old, new = type_of(column.type), type_ref(definition.type_name)
    return old is not None and any({old.name, new.name} <= family for family in _FAMILIES)


def _loses(old: TypeRef, new: TypeRef) -> bool:
    """Whether different values of the old type become one of the new, without an error."""
    if old.array or new.array:
        return old.name != new.name
    if old.name in _EXACT and new.name in _EXACT[old.name]:
        return True
    if old.name == new.name == "numeric":
        return bool(new.modifiers) and (not old.modifiers or _scale(new) < _scale(old))
    if old.name == new.name and old.name in _SESSION:
        return bool(new.modifiers) and (not old.modifiers or new.modifiers < old.modifiers)
    return False


def _scale(type: TypeRef) -> int:
    return type.modifiers[1] if len(type.modifiers) > 1 else 0


def is_steady_call(schema: str | None, name: str, scene: Scene) -> bool:
    """Whether a function of this name gives the same for the same values, throughout one session."""
    own = [r for r in scene.catalog.routines if r.name.name == name and schema in (None, r.name.schema)]
    if own:
        return all(routine.volatility in "is" for routine in own)
    return name in _STEADY and schema in (None, "pg_catalog")


def _is_plain_cast(using: Any, column: str) -> bool:
    if using.WhichOneof("node") != "type_cast":
        return False
    fields = using.type_cast.arg.column_ref.fields
    return bool(fields) and fields[-1].string.sval == column


def _is_plain(old: str, new: Any) -> bool:
    """Whether the change is one within the integers, or of text to text of any length."""
    before, after = type_of(old), type_ref(new)
    if before is None or before.array or after.array:
        return False
    names = {before.name, after.name}
    return names <= _BOUNDS.keys() or (names <= {"text", "varchar"} and not after.modifiers)


def _steady(old: str, new: Any) -> bool:
    before, after = type_of(old), type_ref(new)
    if before is None or before.name in NO_EQUALITY or after.name in NO_EQUALITY:
        return False
    names = {before.name, after.name}
    return names <= _NUMBERS or len(names) == 1 or not names & _SESSION
