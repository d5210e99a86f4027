"""The names that PostgreSQL chooses for indexes, constraints and sequences that are not named.

A safe form names what it makes with these, so that it ends with the names that the statement as written would have made.
Source: `makeObjectName`, `ChooseRelationName`, `ChooseIndexName`, `ChooseIndexColumnNames` (indexcmds.c),
`ChooseConstraintName` (pg_constraint.c), `FigureColnameInternal` (parse_target.c); the same in 14 to 18, except that not-null
constraints have names since 18. Lengths are bytes of UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from watari.sql.grammar import choice

if TYPE_CHECKING:
    from watari.catalog import Catalog

__all__ = [
    "LONGEST",
    "check_name",
    "clipped",
    "constraints_in",
    "exclusion_name",
    "foreign_key_name",
    "index_column_names",
    "index_name",
    "not_null_name",
    "object_name",
    "primary_key_name",
    "relations_in",
    "sequence_name",
    "unique_name",
]

#: NAMEDATALEN - 1: the server cuts longer names.
LONGEST = 63


def clipped(name: str, longest: int = LONGEST) -> str:
    """The name cut to `longest` bytes, never inside a character."""
    encoded = name.encode()
    return name if len(encoded) <= longest else encoded[: max(longest, 0)].decode(errors="ignore")


def object_name(first: str, second: str | None, label: str) -> str:
    """`first_second_label`, the longer of the two names shortened until it fits."""
    whole = f"{first}_{second}_{label}" if second else f"{first}_{label}"
    if len(whole.encode()) <= LONGEST:
        return whole
    one, two = len(first.encode()), len((second or "").encode())
    available = LONGEST - len(label.encode()) - 1 - (1 if second else 0)
    while one + two > available:
        if one > two:
            one -= 1
        else:
            two -= 1
    parts = [clipped(first, one), *([clipped(second, two)] if second else []), label]
    return "_".join(parts)


def index_name(table: str, columns: Sequence[str], taken: Container[str]) -> str:
    """Of `CREATE INDEX ON table (columns)`; `taken` are the relations of the schema (`relations_in`)."""
    return _free(table, _addition(columns), "idx", taken)


def primary_key_name(table: str, taken: Container[str]) -> str:
    """Of a primary key; `taken` are the relations and constraints of the schema."""
    return _free(table, None, "pkey", taken)


def unique_name(table: str, columns: Sequence[str], taken: Container[str]) -> str:
    """Of a unique constraint; `taken` are the relations and constraints of the schema."""
    return _free(table, _addition(columns), "key", taken)


def exclusion_name(table: str, columns: Sequence[str], taken: Container[str]) -> str:
    """Of an exclusion constraint; `taken` are the relations and constraints of the schema."""
    return _free(table, _addition(columns), "excl", taken)


def foreign_key_name(table: str, columns: Sequence[str], taken: Container[str]) -> str:
    """Of a foreign key; `taken` are the constraints of the schema (`constraints_in`)."""
    return _free(table, _addition(columns), "fkey", taken)


def check_name(table: str, columns: Iterable[str], taken: Container[str]) -> str:
    """Of a check; `columns` are those in its expression: exactly one becomes part of the name."""
    named = list(dict.fromkeys(columns))
    return _free(table, named[0] if len(named) == 1 else None, "check", taken)


def not_null_name(table: str, column: str, taken: Container[str]) -> str:
    """Of a not-null constraint (since 18)."""
    return _free(table, column, "not_null", taken)


def sequence_name(table: str, column: str, taken: Container[str]) -> str:
    """Of the sequence behind a serial or identity column; `taken` are the relations of the schema."""
    return _free(table, column, "seq", taken)


def index_column_names(elements: Iterable[Any]) -> list[str]:
    """The column names inside an automatic index name, for `IndexElem` nodes (those of INCLUDE follow the keys)."""
    names: list[str] = []
    for element in elements:
        given = element.index_elem
        original = given.indexcolname or given.name or _figured(given.expr)[0] or "expr"
        name, number = original, 0
        while name in names:
            number += 1
            name = clipped(original, LONGEST - len(str(number))) + str(number)
        names.append(name)
    return names


def relations_in(catalog: Catalog, schema: str) -> frozenset[str]:
    """Every name of the schema that a new relation cannot have."""
    kinds: tuple[Iterable[Any], ...] = (catalog.tables, catalog.indexes, catalog.sequences, catalog.types)
    return frozenset(name.name for names in kinds for name in names if name.schema == schema)


def constraints_in(catalog: Catalog, schema: str) -> frozenset[str]:
    """The names of all constraints on tables of the schema."""
    return frozenset(c.name for c in catalog.constraints if c.table.schema == schema)


def _free(first: str, second: str | None, label: str, taken: Container[str]) -> str:
    name, number = object_name(first, second, label), 0
    while name in taken:
        number += 1
        name = object_name(first, second, f"{label}{number}")
    return name


def _addition(columns: Sequence[str]) -> str:
    """The column names joined by underscores, until the buffer of the server is full."""
    joined = ""
    if len(columns) == 1 and len(columns[0].encode()) <= LONGEST:
        return columns[0]
    for column in columns:
        joined += ("_" if joined else "") + clipped(column)
        if len(joined.encode()) > LONGEST:
            break
    return joined


# -- names of expressions ---------------------------------------------------------------------------------------------------
# A figure is a name and how sure it is: 0 none, 1 weak (a type, "case"), 2 sure.

_Figure = tuple[str | None, int]
_NOTHING: _Figure = (None, 0)


def _last(names: Iterable[Any]) -> _Figure:
    strings = [n.string.sval for n in names if n.WhichOneof("node") == "string"]
    return (strings[-1], 2) if strings else _NOTHING


def _of_cast(node: Any) -> _Figure:
    name, strength = _figured(node.arg)
    if strength <= 1 and node.type_name.names:
        return _last(node.type_name.names)[0], 1
    return name, strength


def _of_case(node: Any) -> _Figure:
    name, strength = _figured(node.defresult)
    return ("case", 1) if strength <= 1 else (name, strength)


def _of_indirection(node: Any) -> _Figure:
    found = _last(node.indirection)
    return found if found[1] else _figured(node.arg)


def _of_operator(node: Any) -> _Figure:
    return ("nullif", 2) if choice(node, "kind") == "AEXPR_NULLIF" else _NOTHING


def _of_value(node: Any) -> _Figure:
    return choice(node, "op").removeprefix("SVFOP_").removesuffix("_N").lower(), 2


_FIGURES: dict[str, Callable[[Any], _Figure]] = {
    "column_ref": lambda node: _last(node.fields),
    "a_indirection": _of_indirection,
    "func_call": lambda node: _last(node.funcname),
    "a_expr": _of_operator,
    "type_cast": _of_cast,
    "collate_clause": lambda node: _figured(node.arg),
    "case_expr": _of_case,
    "a_array_expr": lambda node: ("array", 2),
    "row_expr": lambda node: ("row", 2),
    "coalesce_expr": lambda node: ("coalesce", 2),
    "min_max_expr": lambda node: (choice(node, "op").removeprefix("IS_").lower(), 2),
    "sqlvalue_function": _of_value,
    "xml_serialize": lambda node: ("xmlserialize", 2),
    "json_object_constructor": lambda node: ("json_object", 2),
    "json_array_constructor": lambda node: ("json_array", 2),
    "json_parse_expr": lambda node: ("json", 2),
    "json_scalar_expr": lambda node: ("json_scalar", 2),
    "json_serialize_expr": lambda node: ("json_serialize", 2),
}


def _figured(node: Any) -> _Figure:
    kind = node.WhichOneof("node")
    return _FIGURES[kind](getattr(node, kind)) if kind in _FIGURES else _NOTHING
