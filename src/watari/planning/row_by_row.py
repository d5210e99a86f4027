"""Whether an UPDATE or DELETE may be cut into batches: each row by itself, found by a key that stays as it is.

Proved from the statement and the catalog, or not done: what a row becomes depends on that row alone (own columns, constants,
functions that give the same for the same values), nothing else happens with it (triggers, rules, keys of its own table that
are checked at the end of the statement), and a key is there that the statement does not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from watari.catalog import Name, Table, TableKind
from watari.planning.conversion import is_steady_call
from watari.planning.plan import Note
from watari.planning.scene import Scene
from watari.planning.trees import parsed
from watari.sql.grammar import function_calls, messages, strings

__all__ = ["acted_upon", "key_of_rows", "obstacle_to_cutting"]

# Bits of CreateTrigStmt.events (catalog/pg_trigger.h)
_EVENTS = {"update_stmt": 16, "delete_stmt": 8}
#: Parts of an expression that look beyond the row, or at the clock.
_BEYOND = frozenset({"SubLink", "SQLValueFunction", "SetToDefault", "MultiAssignRef", "ParamRef", "CurrentOfExpr"})
#: Texts that a date or time type reads as the clock. Source: documentation, "Date/Time Input", special values.
_CLOCK = frozenset({"now", "today", "tomorrow", "yesterday"})
#: Columns that every table has and that change when a row moves.
_SYSTEM = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})

_SHAPE = Note(
    en="It stays one statement: it joins, returns rows, or sets more than plain columns.",
    ja="結合・RETURNING・単純でない代入を含むため、一つの文のまま実行します。",
)
_VALUES = Note(
    en="It stays one statement: what a row becomes may depend on more than that row (a subquery, the clock, a function that "
    "is not known to give the same for the same values).",
    ja="行の新しい値がその行だけで決まる保証がない（サブクエリ、現在時刻、結果が一定と確認できない関数）ため、一つの文のまま実行します。",
)
_FIRES = Note(
    en="It stays one statement: triggers or rules of the table act on it.",
    ja="テーブルのトリガーまたはルールが作用するため、一つの文のまま実行します。",
)
_UNIQUE = Note(
    en="It stays one statement: it changes columns of a key, which is compared between rows.",
    ja="一意性を比較するカラムを変更するため、一つの文のまま実行します。",
)
_ITSELF = Note(
    en="It stays one statement: a foreign key leads from rows of the table to other rows of it.",
    ja="同じテーブルの行を参照する外部キーがあるため、一つの文のまま実行します。",
)
_FAMILY = Note(
    en="It stays one statement: the table has children or row level security.",
    ja="継承関係または行レベルセキュリティがあるため、一つの文のまま実行します。",
)
_NO_KEY = Note(
    en="It stays one statement: the table has no key over columns that the statement leaves alone.",
    ja="文が変更しないカラムだけの一意キーがないため、一つの文のまま実行します。",
)


def obstacle_to_cutting(kind: str, node: Any, table: Table, scene: Scene) -> Note | None:
    """Why the statement has to stay whole; None where each row can be done by itself."""
    if not _is_plain(node):
        return _SHAPE
    if not _of_the_row(node, table, scene):
        return _VALUES
    if acted_upon(kind, table, scene):
        return _FIRES
    if (
        table.force_row_security
        or table.row_security
        or (table.kind is TableKind.TABLE and _has_children(table, scene))
    ):
        return _FAMILY
    if _assigned(node) & set(_compared(table, scene)):
        return _UNIQUE
    if _comes_back(table.name, scene):
        return _ITSELF
    return None if key_of_rows(node, table, scene) else _NO_KEY


def key_of_rows(node: Any, table: Table, scene: Scene) -> tuple[str, ...]:
    """The columns of the key to walk along, in the order of its index; empty where there is none."""
    required = {column.name for column in table.columns if column.not_null}
    keys = [
        (not index.primary, len(index.columns), index.name, index.columns)
        for index in scene.indexes_of(table.name)
        if index.unique and index.valid and index.predicate is None and index.method == "btree"
    ]
    for *_, columns in sorted(keys):
        named = tuple(column for column in columns if column)
        if len(named) == len(columns) and required.issuperset(named) and not _assigned(node) & set(named):
            return named
    return ()


def _is_plain(node: Any) -> bool:
    beside = getattr(node, "from_clause", None) or getattr(node, "using_clause", None)
    if beside or node.HasField("with_clause") or node.HasField("returning_clause") or not node.relation.inh:
        return False
    return all(not target.res_target.indirection for target in getattr(node, "target_list", ()))


def _assigned(node: Any) -> set[str]:
    return {target.res_target.name for target in getattr(node, "target_list", ())}


def _expressions(node: Any) -> Iterator[Any]:
    yield from (target.res_target.val for target in getattr(node, "target_list", ()))
    if node.HasField("where_clause"):
        yield node.where_clause


def _of_the_row(node: Any, table: Table, scene: Scene) -> bool:
    names = {node.relation.alias.aliasname} if node.relation.HasField("alias") else {table.name.name}
    return all(_of_row(tree, table, names, scene) for tree in _expressions(node))


def _of_row(tree: Any, table: Table, names: set[str], scene: Scene) -> bool:
    if not all(is_steady_call(call.schema, call.name, scene) for call in function_calls(tree)):
        return False
    return all(_part_of_row(part, table, names, scene) for part in messages(tree))


def _part_of_row(part: Any, table: Table, names: set[str], scene: Scene) -> bool:
    kind = part.DESCRIPTOR.name
    if kind in _BEYOND:
        return False
    if kind == "A_Const":
        return part.sval.sval.strip().lower() not in _CLOCK
    if kind == "A_Expr":
        return len(part.name) == 1 and not _own_operator(strings(part.name)[0], scene)
    if kind != "ColumnRef":
        return True
    words = strings(part.fields)
    if len(words) != len(part.fields) or len(words) > 2 or (len(words) == 2 and words[0] not in names):
        return False
    return table.column(words[-1]) is not None and words[-1] not in _SYSTEM


def _own_operator(name: str, scene: Scene) -> bool:
    """Whether somebody made an operator of this name, of which nobody knows what it looks at."""
    made = (other.identity.partition("(")[0] for other in scene.catalog.others if other.kind == "operator")
    return any(identity.rpartition(".")[2] == name for identity in made)


def acted_upon(kind: str, table: Table, scene: Scene) -> bool:
    """Whether triggers or rules act on what an UPDATE or DELETE, as `kind` says, does to a row of the table."""
    for trigger in scene.triggers_of(table.name):
        if trigger.enabled != "D" and parsed(trigger.definition).create_trig_stmt.events & _EVENTS[kind]:
            return True
    name = scene.live_name(table.name).name
    return any(other.kind == "rule" and name in (other.definition or "") for other in scene.catalog.others)


def _has_children(table: Table, scene: Scene) -> bool:
    return bool(scene.partitions_of(table.name))


def _compared(table: Table, scene: Scene) -> Iterable[str]:
    """The columns whose values may not be the same in two rows, those inside expressions included."""
    for index in scene.indexes_of(table.name):
        if index.unique or index.constraint:
            yield from (column for column in index.columns if column)
            if None in index.columns or index.predicate:
                yield from (column.name for column in table.columns)


def _comes_back(table: Name, scene: Scene) -> bool:
    """Whether following foreign keys from the table's referencing rows leads back to it."""
    seen: set[Name] = set()
    waiting = [table]
    while waiting:
        for key in scene.referencing(waiting.pop()):
            if key.table == table:
                return True
            acting = any(word in key.definition for word in ("CASCADE", "SET NULL", "SET DEFAULT"))
            if acting and key.table not in seen:
                seen.add(key.table)
                waiting.append(key.table)
    return False
