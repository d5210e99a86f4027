"""SQL from parse trees, for what is shown: what runs is the text that people wrote."""

from __future__ import annotations

from typing import Any

__all__ = ["changed", "deparsed"]

#: The grammar's own version; the deparser refuses a tree without one.
_GRAMMAR = 180000


def deparsed(statement: Any) -> str:
    """The text of a statement, given its wrapped node or the message inside."""
    from postgast import deparse, pg_query_pb2

    tree = pg_query_pb2.ParseResult(version=_GRAMMAR)
    node = tree.stmts.add().stmt
    if statement.DESCRIPTOR.name == "Node":
        node.CopyFrom(statement)
    else:
        field = next(f for f in node.DESCRIPTOR.fields if f.message_type and f.message_type.name == statement.DESCRIPTOR.name)
        getattr(node, field.name).CopyFrom(statement)
    return str(deparse(tree))


def changed(message: Any, **fields: Any) -> Any:
    """A copy of a message with some of its plain fields set; the trees that the parser keeps are never changed."""
    copy = type(message)()
    copy.CopyFrom(message)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy
