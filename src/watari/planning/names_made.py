"""The names that the statements of a plan give to relations: what goes by one of them cannot go on by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watari.sql.grammar import body
from watari.sql.statement import Statement

__all__ = ["names_made"]


def names_made(statements: Iterable[Statement]) -> frozenset[str]:
    """The names, without schemas, of tables, views, sequences and indexes that are made or renamed to."""
    return frozenset(name for statement in statements for name in _made(statement) if name)


def _made(statement: Statement) -> Iterator[str]:
    kind, node = body(statement.node)
    match kind:
        case "create_stmt" | "create_foreign_table_stmt":
            yield node.relation.relname if kind == "create_stmt" else node.base_stmt.relation.relname
        case "view_stmt":
            yield node.view.relname
        case "create_table_as_stmt":
            yield node.into.rel.relname
        case "create_seq_stmt":
            yield node.sequence.relname
        case "index_stmt":
            yield node.idxname
        case "rename_stmt":
            yield node.newname
