"""The statements inside PL/pgSQL code, as far as they stand there as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from watari.sql.grammar import body, strings
from watari.sql.statement import Statement

__all__ = ["Code", "block_statements", "code_of", "inner_statements"]


_TAG = "$watari$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a block runs: the statements that can be read, and whether there is more that cannot.

    `lines` are those of the code, from 1. `opaque`: something is put together while it runs, or another routine is called.
    """

    statements: tuple[tuple[int, str], ...]  # line in the code, text
    opaque: bool


def code_of(block: Any) -> str | None:
    """The PL/pgSQL text of a DO statement; None where it is in another language."""
    options = {argument.def_elem.defname: argument.def_elem.arg for argument in block.args}
    language = strings([options["language"]]) if "language" in options else ("plpgsql",)
    return strings([options["as"]])[0] if language == ("plpgsql",) and "as" in options else None


def block_statements(block: Any) -> tuple[tuple[Statement, ...], bool]:
    """The statements inside a DO block, by their line in its code, and whether something in it cannot be read."""
    code = code_of(block)
    read = _read(code) if code is not None else None
    if read is None:
        return (), True
    return tuple(Statement(text=text, file="", line=line) for line, text in read.statements), read.opaque


def inner_statements(statement: Statement) -> tuple[tuple[Statement, ...], bool]:
    """As `block_statements`, for a whole statement that is a DO, by their line in the file."""
    block = statement.node.do_stmt
    inside, opaque = block_statements(block)
    code = code_of(block) or ""
    above = statement.line - 1 + statement.text[: max(statement.text.find(code), 0)].count("\n")
    return tuple(replace(inner, file=statement.file, line=above + inner.line) for inner in inside), opaque


@lru_cache(maxsize=512)
def _read(code: str) -> Code | None:
    """What the PL/pgSQL compiler makes of code; None where it refuses it."""
    import json

    import postgast

    if _TAG in code:
        return None
    try:
        parsed = postgast.parse_plpgsql(f"DO {_TAG}{code}{_TAG}")
    except (postgast.PgQueryError, json.JSONDecodeError):  # for some code the library writes broken JSON
        return None
    found = list(_walk(parsed))
    return Code(
        statements=tuple((line, sql) for line, sql in found if sql is not None),
        opaque=any(sql is None for _, sql in found),
    )


def _walk(tree: Any) -> Iterator[tuple[int, str | None]]:
    """Statements in the order of the code; None for what is only known while it runs."""
    if isinstance(tree, list):
        for part in tree:
            yield from _walk(part)
    elif isinstance(tree, dict):
        for kind, inner in tree.items():
            if kind in _QUERIES:
                yield inner.get("lineno", 1), _query(inner, _QUERIES[kind])
            elif kind in _DYNAMIC:
                yield inner.get("lineno", 1), _literal(_query(inner, "query"))
            elif kind == "PLpgSQL_stmt_call":
                yield inner.get("lineno", 1), None
            if isinstance(inner, dict | list) and kind not in ("datums", "PLpgSQL_expr"):
                yield from _walk(inner)


#: Statements of PL/pgSQL that run SQL, and where each holds it.
_QUERIES = {"PLpgSQL_stmt_execsql": "sqlstmt", "PLpgSQL_stmt_perform": "expr", "PLpgSQL_stmt_fors": "query"}
_DYNAMIC = frozenset({"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"})


def _query(inner: Any, field: str) -> str:
    return str(inner.get(field, {}).get("PLpgSQL_expr", {}).get("query", ""))


def _literal(expression: str) -> str | None:
    """The text of an EXECUTE whose argument is one constant string."""
    from watari.sql.grammar import expression as tree_of

    kind, inner = body(tree) if (tree := tree_of(expression)) is not None else ("", None)
    if kind == "a_const" and inner is not None and inner.WhichOneof("val") == "sval":
        return str(inner.sval.sval)
    return None
