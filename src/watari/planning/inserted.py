"""The undo of an INSERT of constants with their key: the same rows, as far as nobody has written or referred to them since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

from watari.catalog import Name, Table, TableKind
from watari.planning.conversion import NO_EQUALITY
from watari.planning.kind import Undo
from watari.planning.scene import Scene
from watari.planning.trees import expression
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, type_of

__all__ = ["undo_insert"]

#: More rows than this are no list of values that somebody wrote by hand.
_MOST = 1000


def undo_insert(node: Any, scene: Scene) -> Undo:
    """A DELETE of the rows; None where they cannot be told from rows that were there before, or that came since."""
    table = scene.table(scene.name_of(node.relation))
    if table is None or table.kind not in (TableKind.TABLE, TableKind.PARTITIONED):
        return None
    columns = _columns(node, table)
    rows = _rows(node)
    if columns is None or rows is None or not _has_key(columns, rows, table, scene):
        return None
    if any(len(row) > len(columns) for row in rows):
        return None
    mine = " OR ".join(f"({_same_row(table, columns, row)})" for row in rows)
    template: LiteralString = "DELETE FROM {table} WHERE ({mine}){unused}"
    unused = Raw("".join(_unused(table, scene)))
    return (composed(template, table=table.name, mine=Raw(mine), unused=unused),)


def _columns(node: Any, table: Table) -> tuple[str, ...] | None:
    """The columns that get values, in order."""
    if node.HasField("with_clause") or node.HasField("on_conflict_clause") or not node.HasField("select_stmt"):
        return None
    if any(target.res_target.indirection for target in node.cols):
        return None
    named = tuple(target.res_target.name for target in node.cols)
    return named or tuple(c.name for c in sorted(table.columns, key=lambda column: column.position))


def _rows(node: Any) -> list[list[Any]] | None:
    """The trees of the values; None unless all are constants."""
    lists = [list(each.list.items) for each in node.select_stmt.select_stmt.values_lists]
    if not 0 < len(lists) <= _MOST or not all(_is_constant(value) for row in lists for value in row):
        return None
    return lists


def _is_constant(value: Any) -> bool:
    kind = value.WhichOneof("node")
    if kind == "type_cast":
        text = value.type_cast.arg
        # a text that is read as the clock is none
        return bool(
            _is_constant(text) and text.a_const.sval.sval.lower() not in ("now", "today", "tomorrow", "yesterday")
        )
    if kind == "a_expr":
        return (
            choice(value.a_expr, "kind") == "AEXPR_OP"
            and not value.a_expr.HasField("lexpr")
            and _is_constant(value.a_expr.rexpr)
        )
    return bool(kind == "a_const")


def _has_key(columns: Sequence[str], rows: Sequence[Sequence[Any]], table: Table, scene: Scene) -> bool:
    """Whether every row gives all the columns of a key, so that there is no other row like it."""
    given = {column for place, column in enumerate(columns) if all(_given(row, place) for row in rows)}
    for index in scene.indexes_of(table.name):
        whole = index.unique and index.valid and index.predicate is None and None not in index.columns
        if whole and given.issuperset(column for column in index.columns if column):
            return True
    return False


def _given(row: Sequence[Any], place: int) -> bool:
    return place < len(row) and not (row[place].WhichOneof("node") == "a_const" and row[place].a_const.isnull)


def _same_row(table: Table, columns: Sequence[str], row: Sequence[Any]) -> str:
    return " AND ".join(_same(table, column, value) for column, value in zip(columns, row, strict=False))


def _same(table: Table, column: str, value: Any) -> str:
    found = table.column(column)
    type = found.type if found else "text"
    template: LiteralString = "{column} IS NOT DISTINCT FROM ({value})::{type}"
    ref = type_of(type)
    if ref is None or ref.name in NO_EQUALITY or ref.array:
        template = "{column}::text IS NOT DISTINCT FROM ({value})::{type}::text"
    return composed(template, column=column, value=Raw(expression(value)), type=Raw(type))


def _unused(table: Table, scene: Scene) -> Iterator[str]:
    """Conditions by which a row stays that others refer to by now: it would not go, or take them along."""
    for key in scene.referencing(table.name):
        if key.table == table.name or len(key.columns) != len(key.referenced_columns):
            continue
        equal = " AND ".join(
            composed("c.{of} = {table}.{to}", of=of, to=to, table=Raw(composed("{t}", t=table.name)))
            for of, to in zip(key.columns, key.referenced_columns, strict=True)
        )
        template: LiteralString = " AND NOT EXISTS (SELECT FROM {child} AS c WHERE {equal})"
        yield composed(template, child=Name(key.table.schema, key.table.name), equal=Raw(equal))
