"""PostgreSQL's own grammar in front of every statement: text in, parse tree out.

The grammar is libpg_query's of PostgreSQL 18, reached through `postgast`, which is imported with the first statement that
somebody looks into. What its C side does not survive or not see is refused before it gets there: a NUL byte (the C string
ends there and the rest would go unseen) and chains of operators that are deeper than the C stack.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from watari.errors.usage import ScriptSyntax
from watari.locale import Text

if TYPE_CHECKING:
    from postgast import pg_query_pb2

    from watari.sql.statement import Statement

__all__ = ["DEEPEST_CHAIN", "parse_statement", "place"]

#: Operators nested in one another that are let through. Measured: 20,000 are fine, 40,000 end the process (8 MB of stack).
DEEPEST_CHAIN = 10_000

#: Statements up to this length are kept parsed (the same text is asked for again by rules, planner and report).
_LONGEST_KEPT = 20_000

_NUL = Text(
    en="the statement holds a NUL byte, and what follows it would go unseen",
    ja="文に NUL バイトが含まれており、それより後ろが読み飛ばされます",
)
_TOO_DEEP = Text(
    en="more than {limit} operators are chained in one expression",
    ja="1 つの式に {limit} 個を超える演算子が連なっています",
)
_EMPTY = Text(en="there is no statement here", ja="文がありません")
_SEVERAL = Text(en="{count} statements stand where one is expected", ja="1 つの文の位置に {count} 個の文があります")
_VARIABLE = Text(
    en='{reason} (a psql variable that is not set stays as it is: "\\set NAME value" before it sets one)',
    ja='{reason} (値のない psql 変数はそのまま残ります。手前に "\\set 名前 値" が必要です)',
)

#: What hides operators (strings, comments), what groups them, and the operators and words that nest to the left.
_DEPTH_TOKEN = r"""(?P<hidden>'(?:[^']|''|)*+'?|"[^"]*+"?|--[^\n\r]*+|/\*.*?(?:\*/|\Z)
          |\$(?P<tag>[A-Za-z_\u0080-\uffff]?[\w\u0080-\uffff]*)\$.*?(?:\$(?P=tag)\$|\Z))
      | (?P<open>[(\[]) | (?P<close>[)\]]) | (?P<comma>[,;])
      | (?P<operator>[-+*/<>=~!@\#%^&|`?:]+
          | \b(?:collate|is|isnull|notnull|in|like|ilike|similar|between|at|join|union|intersect|except)\b)"""


def parse_statement(statement: Statement) -> pg_query_pb2.Node:
    """The tree of one statement.

    Raises `ScriptSyntax` with file, line and column (in characters, from 1) where the grammar refuses it, where it holds
    none or several statements, a NUL byte, or more than `DEEPEST_CHAIN` chained operators.
    """
    text = statement.text
    nul = text.find("\0")
    if nul >= 0:
        raise _refused(statement, nul, _NUL())
    if len(text) > 2 * DEEPEST_CHAIN and _depth(text) > DEEPEST_CHAIN:
        raise _refused(statement, 0, _TOO_DEEP(limit=DEEPEST_CHAIN))
    parse = _kept if len(text) <= _LONGEST_KEPT else _parsed
    outcome = parse(text)
    if isinstance(outcome, _SyntaxError):
        raise _refused(statement, outcome.position, outcome.reason(text))
    if len(outcome) != 1:
        raise _refused(statement, 0, _SEVERAL(count=len(outcome)) if outcome else _EMPTY())
    return outcome[0]


def place(statement: Statement, position: int) -> tuple[int, int]:
    """Line and column in the file, from 1, of the character at `position` (from 0) of the statement's text."""
    before = statement.text[:position]
    newlines = before.count("\n")
    if newlines == 0:
        return statement.line, statement.column + position
    return statement.line + newlines, position - before.rfind("\n")


class _SyntaxError:
    """What the grammar refused: its own message and the place in characters from 0."""

    __slots__ = ("message", "position")

    def __init__(self, message: str, position: int) -> None:
        self.message = message
        self.position = position

    def reason(self, text: str) -> object:
        """The grammar's message; where a psql variable was left standing, with what to do about it."""
        if text[self.position : self.position + 1] == ":":
            return _VARIABLE(reason=self.message)
        return self.message


def _parsed(text: str) -> tuple[Any, ...] | _SyntaxError:
    parse, refusal = _grammar()
    try:
        return tuple(raw.stmt for raw in parse(text).stmts)
    except refusal as error:
        # libpg_query counts the position in characters from 1; 0 means that it has none
        return _SyntaxError(error.message, max(error.cursorpos - 1, 0))


_kept = lru_cache(maxsize=8192)(_parsed)


@cache
def _grammar() -> tuple[Callable[[str], Any], type[Any]]:
    import importlib

    import postgast

    # protobuf refuses trees deeper than 100, which fifty chained "||" reach; only its C implementation has the switch
    with suppress(ImportError, AttributeError):
        importlib.import_module("google._upb._message").SetAllowOversizeProtos(True)
    return postgast.parse, postgast.PgQueryError


def _depth(text: str) -> int:
    """An upper bound of how deep the expression trees of the text nest to the left."""
    deepest, total, level = 0, 0, 0
    outer: list[int] = []
    # compiled (13 ms) for the rare statement that is long enough to be asked
    for token in re.finditer(_DEPTH_TOKEN, text, re.X | re.S | re.I):
        kind = token.lastgroup
        if kind == "operator":
            level += 1
            total += 1
            deepest = max(deepest, total)
        elif kind == "open":
            outer.append(level)
            level = 0
        elif kind == "close" and outer:
            total -= level
            level = outer.pop()
        elif kind == "comma":
            total -= level
            level = 0
    return deepest


def _refused(statement: Statement, position: int, reason: object) -> ScriptSyntax:
    line, column = place(statement, position)
    return ScriptSyntax(file=statement.file, line=line, column=column, reason=reason)
