"""Reading parse trees, and making new statements out of changed copies of them.

Trees come from `watari.sql.parsing`, which keeps and shares them: a tree is copied before anything in it is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from postgast import deparse, pg_query_pb2

from watari.catalog import Name
from watari.sql.grammar import messages, strings
from watari.sql.parsing import parse_statement
from watari.sql.statement import Statement

__all__ = [
    "copied",
    "deparsed",
    "expression",
    "only_subcommand",
    "options",
    "parsed",
    "rename_columns",
    "type_text",
    "words",
]

#: The grammar's own version; the deparser refuses a tree without one.
_GRAMMAR = 180000


def parsed(text: str) -> Any:
    """The tree of one statement that watari or the server wrote."""
    return parse_statement(Statement(text=text, file="watari"))


def copied(tree: Any) -> Any:
    """A copy that may be changed."""
    new = type(tree)()
    new.CopyFrom(tree)
    return new


def deparsed(node: Any) -> str:
    """The text of one statement's tree."""
    result = pg_query_pb2.ParseResult(version=_GRAMMAR)
    result.stmts.add().stmt.CopyFrom(node)
    return str(deparse(result))


def expression(node: Any) -> str:
    """The text of an expression's tree."""
    select = pg_query_pb2.Node()
    select.select_stmt.target_list.add().res_target.val.CopyFrom(node)
    return deparsed(select).removeprefix("SELECT ")


def type_text(type_name: Any) -> str:
    """A type as the grammar writes it: `varchar(20)`, `text[]`."""
    select = pg_query_pb2.Node()
    cast = select.select_stmt.target_list.add().res_target.val.type_cast
    cast.arg.a_const.isnull = True
    cast.type_name.CopyFrom(type_name)
    return deparsed(select).removeprefix("SELECT NULL::")


def only_subcommand(statement: Any, command: Any, table: Name) -> Any:
    """The ALTER TABLE of `statement` with this one subcommand, its table named in full."""
    node = pg_query_pb2.Node()
    alter = node.alter_table_stmt
    alter.relation.CopyFrom(statement.relation)
    alter.relation.schemaname, alter.relation.relname = table.schema, table.name
    alter.objtype = statement.objtype
    alter.cmds.add().alter_table_cmd.CopyFrom(command)
    return node


def words(node: Any) -> tuple[str, ...]:
    """The words of an object's name, however the grammar holds it: a list, one string, or a name with arguments."""
    kind = node.WhichOneof("node")
    if kind == "list":
        return strings(node.list.items)
    if kind == "string":
        return (node.string.sval,)
    if kind == "object_with_args":
        return strings(node.object_with_args.objname)
    if kind == "type_name":
        return strings(node.type_name.names)
    return ()


def options(nodes: Iterable[Any]) -> dict[str, Any]:
    """The argument of each `name = value` of a list of options, by name."""
    return {node.def_elem.defname: node.def_elem.arg for node in nodes}


def rename_columns(tree: Any, replace: Callable[[tuple[str, ...]], tuple[str, ...] | None]) -> None:
    """Changes, in place, the column references for which `replace` gives other words."""
    for reference in messages(tree):
        if reference.DESCRIPTOR.name == "ColumnRef" and all(f.WhichOneof("node") == "string" for f in reference.fields):
            new = replace(strings(reference.fields))
            if new is not None:
                del reference.fields[:]
                for word in new:
                    reference.fields.add().string.sval = word
