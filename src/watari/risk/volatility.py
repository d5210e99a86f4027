"""Whether an expression has to be worked out anew for every row, as the server decides it for ADD COLUMN ... DEFAULT.

The server first folds constants and puts simple SQL functions in place of their calls; what is still volatile then makes
the statement rewrite the table.
"""

from __future__ import annotations

from typing import Any

from watari.catalog import Routine
from watari.errors.usage import ScriptSyntax
from watari.risk.bounds import compare, literal
from watari.risk.facts.volatility import KNOWN_EXTENSIONS, NOT_VOLATILE, VOLATILE
from watari.risk.world import World
from watari.sql.grammar import Written, body, choice, function_calls, strings
from watari.sql.statement import Statement

__all__ = ["calls_volatile", "is_volatile"]

_DEEPEST = 8  # functions that call functions


def is_volatile(expression: Any, world: World, depth: int = 0) -> bool:
    """Whether the expression (a node) is volatile once folded and inlined; unknown functions count as volatile."""
    kind, inner = body(expression)
    if kind == "case_expr" and (chosen := _folded_case(inner)) is not None:
        return is_volatile(chosen, world, depth)
    return any(calls_volatile(call, world, depth) for call in function_calls(expression))


def _folded_case(case: Any) -> Any | None:
    """The branch that a CASE comes down to whose first conditions are constants."""
    if case.HasField("arg"):
        return None
    for branch in case.args:
        truth = _truth(branch.case_when.expr)
        if truth is None:
            return None
        if truth:
            return branch.case_when.result
    return case.defresult


def _truth(condition: Any) -> bool | None:
    """What a condition over constants is; None where it is not one."""
    kind, inner = body(condition)
    if kind == "a_const" and inner.WhichOneof("val") == "boolval":
        return bool(inner.boolval.boolval)
    if kind == "bool_expr" and choice(inner, "boolop") == "NOT_EXPR":
        inside = _truth(inner.args[0])
        return None if inside is None else not inside
    if kind != "a_expr" or choice(inner, "kind") != "AEXPR_OP":
        return None
    order = compare(literal(inner.lexpr) or "", literal(inner.rexpr) or "", utc=False)
    orders = _ORDERS.get((strings(inner.name) or ("",))[-1])
    return None if order is None or orders is None or not literal(inner.lexpr) else order in orders


_ORDERS = {"=": (0,), "<>": (-1, 1), "<": (-1,), ">": (1,), "<=": (-1, 0), ">=": (0, 1)}


def calls_volatile(call: Written, world: World, depth: int = 0) -> bool:
    """Whether a function of this name may be volatile; one that nobody knows may."""
    own = world.routines(call) if call.schema != "pg_catalog" else ()
    if own:
        return any(_is_volatile_routine(routine, world, depth) for routine in own)
    if call.name in VOLATILE:
        return True
    if call.schema == "pg_catalog" or call.name in NOT_VOLATILE:
        return False
    if world.catalog is None:
        return True
    return call.schema is not None or not KNOWN_EXTENSIONS.issuperset(world.catalog.extensions)


def _is_volatile_routine(routine: Routine, world: World, depth: int) -> bool:
    if routine.volatility != "v":
        return False
    if routine.language != "sql" or routine.security_definer or depth > _DEEPEST:
        return True
    inlined = _single_expression(routine.definition)
    return inlined is None or is_volatile(inlined, world, depth + 1)


def _single_expression(definition: str) -> Any | None:
    """What the call of an SQL function is replaced by: its only expression, if it is nothing but one."""
    try:
        statement = Statement(text=definition.rstrip().rstrip(";"), file="").node.create_function_stmt
        query = _body_of(statement)
    except ScriptSyntax:
        return None
    if query is None or query.WhichOneof("node") not in ("select_stmt", "return_stmt"):
        return None
    if any(option.def_elem.defname == "set" for option in statement.options):
        return None
    if query.WhichOneof("node") == "return_stmt":
        return query.return_stmt.returnval
    return _only_target(query.select_stmt)


def _body_of(statement: Any) -> Any | None:
    if statement.HasField("sql_body"):
        inside = statement.sql_body
        if inside.WhichOneof("node") != "list":
            return inside
        statements = [node for part in inside.list.items for node in part.list.items]
        return statements[0] if len(statements) == 1 else None
    for option in statement.options:
        if option.def_elem.defname == "as":
            texts = strings(option.def_elem.arg.list.items)
            return Statement(text=texts[0].strip().rstrip(";"), file="").node if len(texts) == 1 else None
    return None


def _only_target(select: Any) -> Any | None:
    plain = choice(select, "op") == "SETOP_NONE" and len(select.target_list) == 1
    clauses = ("where_clause", "having_clause", "limit_count", "limit_offset", "with_clause", "into_clause")
    lists = ("from_clause", "group_clause", "window_clause", "sort_clause", "distinct_clause", "values_lists")
    if not plain or any(select.HasField(clause) for clause in clauses) or any(getattr(select, part) for part in lists):
        return None
    return select.target_list[0].res_target.val
