"""SQL from parse trees, for what is shown: what runs is the text that people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
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
        getattr(node, _wrappers()[statement.DESCRIPTOR.name]).CopyFrom(statement)
    return str(deparse(tree))


@cache
def _wrappers() -> Mapping[str, str]:
    """The field of a node that wraps each kind of message."""
    from postgast import pg_query_pb2

    fields = pg_query_pb2.Node.DESCRIPTOR.fields
    return {field.message_type.name: field.name for field in fields if field.message_type is not None}


def changed(message: Any, **fields: Any) -> Any:
    """A copy of a message with some of its plain fields set; the trees that the parser keeps are never changed."""
    copy = type(message)()
    copy.CopyFrom(message)
    for name, value in fields.items():
        setattr(copy, name, value)
    return copy
