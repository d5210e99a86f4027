"""Reading parse trees: the words of the grammar, names as written, types, and everything that an expression mentions.

A node is a message of libpg_query's schema: a wrapper with one field set (`node.index_stmt`), and inside it the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from watari.catalog.name import Name
from watari.values import dataclass

__all__ = [
    "TypeRef",
    "Written",
    "body",
    "calls_in",
    "choice",
    "column_references",
    "expression",
    "function_calls",
    "gathered",
    "kept",
    "messages",
    "only_references",
    "option_words",
    "relation_references",
    "strings",
    "type_of",
    "type_ref",
    "written",
    "written_list",
]


class Written(NamedTuple):
    """A name as it stands in the statement: with a schema or without."""

    schema: str | None
    name: str


@cache
def _words(descriptor: Any, field: str) -> dict[int, str]:
    values = descriptor.fields_by_name[field].enum_type.values
    return {value.number: value.name for value in values}


def choice(message: Any, field: str) -> str:
    """The grammar's word for an enumerated field: `AT_AddColumn` of `subtype`."""
    return _words(message.DESCRIPTOR, field)[getattr(message, field)]


def body(node: Any) -> tuple[str, Any]:
    """The kind of a node and the message inside."""
    kind = node.WhichOneof("node") or ""
    return kind, getattr(node, kind) if kind else node


def kept(command: Any) -> Any:
    """What is inside the definition that a subcommand carries (its field is named with a word of Python's own)."""
    return body(getattr(command, "def"))[1]


def strings(nodes: Iterable[Any]) -> tuple[str, ...]:
    """The texts of a list of String nodes."""
    return tuple(node.string.sval for node in nodes if node.WhichOneof("node") == "string")


def written(range_var: Any) -> Written:
    """The name of a RangeVar."""
    return Written(range_var.schemaname or None, range_var.relname)


def written_list(node: Any) -> Written:
    """The name in a list of strings (`schema.name` in DROP, COMMENT and the like), or in the node of a type."""
    kind = node.WhichOneof("node")
    if kind == "type_name":
        names = strings(node.type_name.names)
    elif kind == "object_with_args":
        names = strings(node.object_with_args.objname)
    elif kind == "string":
        names = (node.string.sval,)
    else:
        names = strings(node.list.items)
    return Written(names[-2] if len(names) > 1 else None, names[-1] if names else "")


def option_words(nodes: Iterable[Any]) -> dict[str, str]:
    """Names and values of a list of options (DefElem), in lower case; without a value: "true"."""
    options = {}
    for node in nodes:
        element = node.def_elem
        kind, value = body(element.arg)
        if not kind:
            text = "true"
        elif kind == "string":
            text = value.sval
        elif kind == "integer":
            text = str(value.ival)
        elif kind == "boolean":
            text = str(value.boolval)
        else:
            text = getattr(value, "fval", kind)
        options[element.defname.lower()] = text.lower()
    return options


def messages(message: Any) -> Iterator[Any]:
    """The message and every message inside, without regard to order and to the depth of the tree."""
    waiting = [message]
    while waiting:
        current = waiting.pop()
        yield current
        if current.DESCRIPTOR.name == "A_Const":  # nothing is inside but the value; of rows there may be millions
            continue
        for field, value in current.ListFields():
            if field.message_type is None:
                continue
            if hasattr(value, "add"):  # a list of messages
                waiting.extend(value)
            else:
                waiting.append(value)


def gathered(message: Any) -> dict[str, list[Any]]:
    """The message and every message inside by their kind, to be asked several times in place of the message."""
    found: dict[str, list[Any]] = {}
    for inside in messages(message):
        found.setdefault(inside.DESCRIPTOR.name, []).append(inside)
    return found


def _named(source: Any, kind: str) -> Iterable[Any]:
    if isinstance(source, dict):
        found: list[Any] = source.get(kind, [])
        return found
    return (inside for inside in messages(source) if inside.DESCRIPTOR.name == kind)


def column_references(message: Any) -> tuple[str, ...]:
    """The names of the columns that an expression mentions, without table names, in the order of the text."""
    found = [(ref.location, strings(ref.fields)) for ref in _named(message, "ColumnRef")]
    return tuple(dict.fromkeys(names[-1] for _, names in sorted(found) if names))


def calls_in(message: Any) -> Iterable[Any]:
    """The calls of functions in a message or in what was `gathered` of it."""
    return _named(message, "FuncCall")


def function_calls(message: Any) -> tuple[Written, ...]:
    """The functions that an expression calls."""
    calls = (strings(call.funcname) for call in calls_in(message))
    return tuple(Written(names[-2] if len(names) > 1 else None, names[-1]) for names in calls)


def relation_references(message: Any) -> tuple[Written, ...]:
    """The relations that a query names, in the order of the text; common table expressions are not relations."""
    hidden = {cte.ctename for cte in _named(message, "CommonTableExpr")}
    made = {into.rel.location for into in _named(message, "IntoClause")}
    found = sorted((var.location, written(var)) for var in _named(message, "RangeVar") if var.location not in made)
    return tuple(dict.fromkeys(name for _, name in found if name.schema or name.name not in hidden))


def only_references(message: Any) -> frozenset[Written]:
    """The relations that a query names with ONLY."""
    return frozenset(written(var) for var in _named(message, "RangeVar") if not var.inh)


@lru_cache(maxsize=4096)
def expression(text: str) -> Any:
    """The tree of an expression that the server wrote (a default, a predicate); None where it is not one."""
    from watari.errors.usage import ScriptSyntax
    from watari.sql.statement import Statement

    try:
        node = Statement(text=" ".join(["SELECT", text]), file="").node
    except ScriptSyntax:
        return None
    targets = node.select_stmt.target_list
    return targets[0].res_target.val if len(targets) == 1 else None


# -- types ------------------------------------------------------------------------------------------------------------------

#: Short names of the grammar's own types, as `format_type()` writes them.
_FORMATTED = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "varchar": "character varying",
    "bpchar": "character",
    "varbit": "bit varying",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
}
_SERIALS = {
    "smallserial": "int2", "serial2": "int2", "serial": "int4", "serial4": "int4", "bigserial": "int8", "serial8": "int8",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TypeRef:
    """A type as PostgreSQL knows it: catalogue name (`int4`, `varchar`), modifiers, and whether it is an array."""

    name: str
    schema: str | None = None
    modifiers: tuple[int, ...] = ()
    array: bool = False
    serial: bool = False

    def __str__(self) -> str:
        """As `format_type()` writes it: `character varying(20)[]`."""
        name, _, rest = _FORMATTED.get(self.name, self.name).partition(" ")
        digits = "(" + ",".join(map(str, self.modifiers)) + ")" if self.modifiers else ""
        if self.name in ("timestamp", "timestamptz", "time", "timetz"):
            text = name + digits + " " + rest
        else:
            text = f"{name} {rest}".rstrip() + digits
        if self.schema:
            text = str(Name(self.schema, self.name)) + digits
        return text + ("[]" if self.array else "")


def type_ref(type_name: Any) -> TypeRef:
    """The type that a TypeName node names."""
    names = strings(type_name.names)
    name = names[-1] if names else ""
    schema = names[-2] if len(names) > 1 and names[-2] != "pg_catalog" else None
    array = bool(type_name.array_bounds)
    if name.startswith("_") and schema is None and not array and name[1:] in _FORMATTED:
        name, array = name[1:], True
    modifiers = tuple(node.a_const.ival.ival for node in type_name.typmods if node.WhichOneof("node") == "a_const")
    serial = schema is None and name in _SERIALS
    if name == "bpchar" and not modifiers and len(names) > 1 and names[-2] == "pg_catalog":
        modifiers = (1,)  # char without a length
    if name == "interval" and modifiers:
        modifiers = modifiers[1:]  # the first says which fields, all of them in nearly every script
    return TypeRef(
        name=_SERIALS[name] if serial else name, schema=schema, modifiers=modifiers, array=array, serial=serial
    )


@lru_cache(maxsize=4096)
def type_of(text: str) -> TypeRef | None:
    """The type that `format_type()` wrote as `text`; None where it is not a type."""
    tree = expression(" ".join(["NULL::", text]))
    if tree is None or tree.WhichOneof("node") != "type_cast":
        return None
    return type_ref(tree.type_cast.type_name)
