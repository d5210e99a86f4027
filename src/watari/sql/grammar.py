"""Reading parse trees: the words of the grammar, names as written, types, and everything that an expression mentions.

A node is a message of libpg_query's schema: a wrapper with one field set (`node.index_stmt`), and inside it the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
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
    "is_serial",
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


_WORDS: dict[tuple[type, str], dict[int, str]] = {}


def choice(message: Any, field: str) -> str:
    """The grammar's word for an enumerated field: `AT_AddColumn` of `subtype`."""
    try:
        return _WORDS[type(message), field][getattr(message, field)]
    except KeyError:
        return _learnt(message, field)[getattr(message, field)]


def _learnt(message: Any, field: str) -> dict[int, str]:
    values = message.DESCRIPTOR.fields_by_name[field].enum_type.values
    words = _WORDS[type(message), field] = {value.number: value.name for value in values}
    return words


def body(node: Any) -> tuple[str, Any]:
    """The kind of a node and the message inside."""
    kind = node.WhichOneof("node") or ""
    return kind, getattr(node, kind) if kind else node


def kept(command: Any) -> Any:
    """What is inside the definition that a subcommand carries (its field is named with a word of Python's own)."""
    return body(getattr(command, "def"))[1]


def strings(nodes: Iterable[Any]) -> tuple[str, ...]:
    """The texts of a list of String nodes."""
    return tuple([node.string.sval for node in nodes if node.WhichOneof("node") == "string"])


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


#: Messages with nothing inside but a value; of rows there may be millions.
_ENDS = frozenset({"A_Const", "String", "Integer", "Float", "Boolean"})
#: `FieldDescriptor.TYPE_MESSAGE`; the descriptor's own constant would be looked up a thousand times a statement.
_MESSAGE = 11


def messages(message: Any) -> Iterator[Any]:
    """The message and every message inside, without regard to order and to the depth of the tree.

    Wrappers (`Node`) are not told apart from what they hold: asking one of their 270 fields is slow, so only the inside comes.
    """
    waiting = [message]
    while waiting:
        current = waiting.pop()
        name = type(current).__name__
        if name == "Node":
            kind = current.WhichOneof("node")
            if not kind:
                continue
            current = getattr(current, kind)
            name = type(current).__name__
        yield current
        if name in _ENDS:
            continue
        for field, value in current.ListFields():
            if field.type == _MESSAGE:
                waiting.extend(value) if hasattr(value, "add") else waiting.append(value)


def gathered(message: Any) -> dict[str, list[Any]]:
    """The message and every message inside by their kind, to be asked several times in place of the message."""
    found: dict[str, list[Any]] = {}
    for inside in messages(message):
        found.setdefault(type(inside).__name__, []).append(inside)
    return found


def _named(source: Any, kind: str) -> Iterable[Any]:
    if isinstance(source, dict):
        found: list[Any] = source.get(kind, [])
        return found
    return (inside for inside in messages(source) if type(inside).__name__ == kind)


def column_references(message: Any) -> tuple[str, ...]:
    """The names of the columns that an expression mentions, without table names, in the order of the text."""
    found = [(ref.location, strings(ref.fields)) for ref in _named(message, "ColumnRef")]
    return tuple(dict.fromkeys(names[-1] for _, names in sorted(found) if names))


#: Expressions that call nothing: most defaults are one of these, and need no walk.
_CALLS_NOTHING = frozenset({"a_const", "column_ref", "sqlvalue_function", None})


def calls_in(message: Any) -> Iterable[Any]:
    """The calls of functions in a message or in what was `gathered` of it."""
    if type(message).__name__ == "Node":
        kind = message.WhichOneof("node")
        while kind == "type_cast":
            message = message.type_cast.arg
            kind = message.WhichOneof("node")
        if kind in _CALLS_NOTHING:
            return ()
    return _named(message, "FuncCall")


def function_calls(message: Any) -> tuple[Written, ...]:
    """The functions that an expression calls."""
    calls = [strings(call.funcname) for call in calls_in(message)]
    return tuple([Written(names[-2] if len(names) > 1 else None, names[-1]) for names in calls])


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
        return self._text

    @cached_property
    def _text(self) -> str:
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
    given = type_name.typmods
    modifiers = (
        tuple([node.a_const.ival.ival for node in given if node.WhichOneof("node") == "a_const"]) if given else ()
    )
    names = tuple([node.string.sval for node in type_name.names])
    return _type_ref(names, modifiers, bool(type_name.array_bounds))


def is_serial(type_name: Any) -> bool:
    """Whether a TypeName is `serial` or one of its sisters."""
    names = type_name.names
    return len(names) == 1 and names[0].string.sval in _SERIALS


@lru_cache(maxsize=4096)
def _type_ref(names: tuple[str, ...], modifiers: tuple[int, ...], array: bool) -> TypeRef:
    name = names[-1] if names else ""
    schema = names[-2] if len(names) > 1 and names[-2] != "pg_catalog" else None
    if name.startswith("_") and schema is None and not array and name[1:] in _FORMATTED:
        name, array = name[1:], True
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
