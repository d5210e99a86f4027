"""The statements inside PL/pgSQL code, as far as they stand there as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from watari.catalog.name import quoted
from watari.late import pattern
from watari.sql.grammar import body, strings
from watari.sql.statement import Statement
from watari.values import dataclass, replace

__all__ = ["Code", "block_statements", "code_of", "inner_statements", "routine_statements"]


_TAG = "$watari$"


@dataclass(frozen=True, kw_only=True)
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


def routine_statements(definition: str) -> tuple[tuple[Statement, ...], bool]:
    """As `block_statements`, for the CREATE FUNCTION or PROCEDURE of a routine in PL/pgSQL."""
    read = _compiled(definition)
    if read is None:
        return (), True
    return tuple(Statement(text=text, file="", line=line) for line, text in read.statements), read.opaque


def _read(code: str) -> Code | None:
    return None if _TAG in code else _compiled(f"DO {_TAG}{code}{_TAG}")


@lru_cache(maxsize=512)
def _compiled(text: str) -> Code | None:
    """What the PL/pgSQL compiler makes of a DO or a CREATE FUNCTION; None where it refuses it."""
    import json

    import postgast

    try:
        parsed = postgast.parse_plpgsql(text)
    except postgast.PgQueryError:
        return None
    except json.JSONDecodeError as broken:  # of a trigger's own variables the library closes each once too often
        try:
            parsed = json.loads(re.sub(r"(?<=[,\[])\{\}\}", "{}", broken.doc))
        except json.JSONDecodeError:
            return None
    found = list(_walk(parsed))
    return Code(
        statements=tuple((line, sql) for line, sql in found if sql is not None),
        opaque=any(sql is None for _, sql in found),
    )


def _walk(tree: Any, line: int = 1) -> Iterator[tuple[int, str | None]]:
    """Statements in the order of the code; None for what is only known while it runs."""
    if isinstance(tree, list):
        for part in tree:
            yield from _walk(part, line)
    elif isinstance(tree, dict):
        for kind, inner in tree.items():
            if kind == "PLpgSQL_expr":
                yield from _asked(inner.get("query", ""), line)
            if not isinstance(inner, dict | list) or kind == "PLpgSQL_expr":
                continue
            here = inner.get("lineno", line) if isinstance(inner, dict) else line
            if kind in _QUERIES:
                yield here, _query(inner, _QUERIES[kind])
            elif kind in _DYNAMIC:
                yield here, _literal(_query(inner, "query"))
            elif kind == "PLpgSQL_stmt_call":
                yield here, _query(inner, "expr")
            for field, value in inner.items() if isinstance(inner, dict) else ((None, inner),):
                if field not in (_QUERIES.get(kind, ""), _CALLED.get(kind, "")):
                    yield from _walk({field: value} if field else value, here)


_ASKS = pattern(r"\bselect\b|\w\s*\(", re.IGNORECASE)
_ASSIGNED = pattern(r"\s*[\w.\[\]\"]+\s*:?=(?!=)")


def _asked(expression: str, line: int) -> Iterator[tuple[int, str | None]]:
    """An expression of a condition, an assignment or RETURN that may read a table or call a function."""
    if _ASKS.search(expression):
        value = _ASSIGNED.sub("", expression, count=1)
        yield (
            line,
            value if value.lstrip().lower().startswith(("select", "with", "values", "table")) else f"SELECT {value}",
        )


#: Statements of PL/pgSQL that run SQL, and where each holds it.
_QUERIES = {"PLpgSQL_stmt_execsql": "sqlstmt", "PLpgSQL_stmt_perform": "expr", "PLpgSQL_stmt_fors": "query"}
_DYNAMIC = frozenset({"PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors"})
#: Where the statements that are read elsewhere hold their expression.
_CALLED = {"PLpgSQL_stmt_call": "expr", **dict.fromkeys(_DYNAMIC, "query")}


def _query(inner: Any, field: str) -> str:
    return str(inner.get(field, {}).get("PLpgSQL_expr", {}).get("query", ""))


def _literal(expression: str) -> str | None:
    """The text that EXECUTE is given, where it is put together from constants alone."""
    from watari.sql.grammar import expression as tree_of

    tree = tree_of(expression)
    return _folded(tree) if tree is not None else None


def _folded(node: Any) -> str | None:
    kind, inner = body(node)
    if kind == "a_const" and inner.WhichOneof("val") == "sval":
        return str(inner.sval.sval)
    if kind == "type_cast":
        return _folded(inner.arg)
    if kind == "a_expr" and strings(inner.name) == ("||",) and inner.HasField("lexpr"):
        parts = (_folded(inner.lexpr), _folded(inner.rexpr))
        return None if None in parts else "".join(part or "" for part in parts)
    if kind == "func_call":
        return _called(strings(inner.funcname)[-1], [_folded(argument) for argument in inner.args])
    return None


def _called(function: str, arguments: list[str | None]) -> str | None:
    """What `format`, `quote_ident` and `quote_literal` make of constants; positions and widths are not read."""
    given = [argument for argument in arguments if argument is not None]
    if len(given) != len(arguments) or not given:
        return None
    if function in _QUOTED:
        return _QUOTED[function](given[0])
    if function != "format":
        return None
    pieces = re.split(r"(%[sIL%])", given[0])
    values = iter(given[1:])
    try:
        return "".join(_FORMATS[piece](next(values)) if piece in _FORMATS else piece for piece in pieces).replace(
            "%%", "%"
        )
    except StopIteration:
        return None


def _string(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


_QUOTED: Mapping[str, Callable[[str], str]] = {"quote_ident": quoted, "quote_literal": _string}
_FORMATS: Mapping[str, Callable[[str], str]] = {"%s": str, "%I": quoted, "%L": _string}
