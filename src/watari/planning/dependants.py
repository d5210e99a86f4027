"""What hangs on one column of a table: what moves with it to another column, and what stands in the way of moving it."""

from __future__ import annotations

import re
from typing import Any

from watari.catalog import Column, Constraint, ConstraintKind, Index, Table, TableKind, Trigger, quoted
from watari.planning.plan import Note
from watari.planning.scene import Scene
from watari.planning.trees import parsed
from watari.sql.grammar import column_references

__all__ = [
    "constraints_with",
    "fires_on_update",
    "indexes_with",
    "mentions",
    "named",
    "obstacle",
    "obstacle_to_backfill",
    "published",
]

# Bits of CreateTrigStmt.events and .timing (catalog/pg_trigger.h)
_ROW, _BEFORE, _INSERT, _UPDATE = 1, 2, 4, 16

_NOT_PLAIN = Note(
    en="The table is partitioned, inherits, or is inherited from; its column cannot be exchanged for another.",
    ja="パーティション・継承関係のあるテーブルのため、カラムを入れ替える方法が使えません。",
)
_SPECIAL = Note(
    en="The column is a generated column, or one is computed from it; it cannot be exchanged for another.",
    ja="生成カラム、またはその計算元のカラムのため、入れ替える方法が使えません。",
)
_NAMED = Note(
    en="A view, trigger, policy, rule, function or statistics object names the column; it cannot be exchanged for another.",
    ja="ビュー・トリガー・ポリシー・ルール・関数・拡張統計から参照されているカラムのため、入れ替える方法が使えません。",
)
_PUBLISHED = Note(
    en="The table is published to a logical replica, which does not know the new column.",
    ja="論理レプリケーションで公開されているテーブルのため、レプリカ側に新しいカラムがありません。",
)
_KEPT_IN_ORDER = Note(
    en="The replica identity, a clustering index or an exclusion constraint uses the column; it cannot be exchanged.",
    ja="レプリカアイデンティティ・CLUSTER 用インデックス・排他制約で使われているカラムのため、入れ替える方法が使えません。",
)
_ACTIONS = Note(
    en="A foreign key of the column sets it to NULL or to a default; it cannot be exchanged for another.",
    ja="SET NULL・SET DEFAULT を伴う外部キーのカラムのため、入れ替える方法が使えません。",
)
_FIRES = Note(
    en="Triggers on UPDATE would fire for every row that is brought over.",
    ja="行を移すたびに UPDATE トリガーが発火してしまいます。",
)
_FORCED = Note(
    en="Row level security is forced on the table, so that not every row can be brought over.",
    ja="FORCE ROW LEVEL SECURITY が有効なため、全行を移せる保証がありません。",
)


def mentions(text: str | None, column: str) -> bool:
    """Whether a definition that the server wrote holds the column's name as a word."""
    return bool(text) and re.search(rf'(?<![\w"]){re.escape(quoted(column))}(?![\w"])', text or "") is not None


def indexes_with(table: Table, column: str, scene: Scene) -> tuple[Index, ...]:
    """The usable indexes that hold the column, as key, included, in an expression or in a predicate."""
    return tuple(i for i in scene.indexes_of(table.name) if i.valid and column in _columns_of(i))


def _columns_of(index: Index) -> set[str]:
    named = {column for column in (*index.columns, *index.included) if column}
    return named | set(column_references(parsed(index.definition))) if index.definition else named


def constraints_with(table: Table, column: str, scene: Scene) -> tuple[Constraint, ...]:
    """The constraints that are about the column, NOT NULL aside, keys first."""
    order = {ConstraintKind.PRIMARY_KEY: 0, ConstraintKind.UNIQUE: 1, ConstraintKind.CHECK: 2}
    found = (c for c in scene.constraints(table.name).values() if c.kind is not ConstraintKind.NOT_NULL)
    return tuple(sorted((c for c in found if column in c.columns), key=lambda c: (order.get(c.kind, 3), c.name)))


def obstacle(table: Table, column: Column, scene: Scene) -> Note | None:
    """Why the column cannot be exchanged for another one; None where it can."""
    return (
        _plain(table, column, scene)
        or named(table, column, scene)
        or published(table, scene)
        or _ordered(table, column, scene)
        or obstacle_to_backfill(table, scene)
    )


def _plain(table: Table, column: Column, scene: Scene) -> Note | None:
    if table.kind is not TableKind.TABLE or table.parents or scene.partitions_of(table.name):
        return _NOT_PLAIN
    computed = (c.default for c in table.columns if c.generated)
    if column.generated or any(mentions(text, column.name) for text in computed):
        return _SPECIAL
    return None


def named(table: Table, column: Column, scene: Scene) -> Note | None:
    """Why the column cannot be dropped without CASCADE either: what else names it; None where nothing does."""
    catalog, live = scene.catalog, scene.live_name(table.name)
    name, column_name = live.name, column.name
    views = (v.definition for v in catalog.tables.values() if live in v.reads_from)
    triggers = (t.definition for t in catalog.triggers if t.table == live)
    policies = (f"{p.table} {p.using} {p.check}" for p in catalog.policies)
    policies_here = (text for text in policies if mentions(text, name))
    others = (o.definition for o in catalog.others if o.kind in ("statistics", "rule") and mentions(o.definition, name))
    atomic = (r.definition for r in catalog.routines if "BEGIN ATOMIC" in r.definition and mentions(r.definition, name))
    texts = (*views, *triggers, *policies_here, *others, *atomic)
    if any(mentions(text, column_name) for text in texts):
        return _NAMED
    return None


def published(table: Table, scene: Scene) -> Note | None:
    """Why no column may be added under running replicas; None where the table has none."""
    catalog, name = scene.catalog, scene.live_name(table.name).name
    published = (o.definition for o in catalog.others if o.kind == "publication")
    if any("all tables t" in text or mentions(text, name) for text in published):
        return _PUBLISHED
    return None


def _ordered(table: Table, column: Column, scene: Scene) -> Note | None:
    indexes = indexes_with(table, column.name, scene)
    constraints = constraints_with(table, column.name, scene)
    if table.replica_identity == "i" and any(i.replica_identity for i in indexes):
        return _KEPT_IN_ORDER
    if any(i.clustered for i in indexes) or any(c.kind is ConstraintKind.EXCLUSION for c in constraints):
        return _KEPT_IN_ORDER
    if not all(i.definition for i in indexes) or not all(c.definition for c in constraints):
        return _KEPT_IN_ORDER
    foreign = (c for c in constraints if c.kind is ConstraintKind.FOREIGN_KEY)
    return _ACTIONS if any(re.search(r" SET (NULL|DEFAULT)", c.definition) for c in foreign) else None


def obstacle_to_backfill(table: Table, scene: Scene) -> Note | None:
    """Why not every row of the table can be written once without anything else happening; None where it can."""
    if any(fires_on_update(trigger) for trigger in scene.triggers_of(table.name)):
        return _FIRES
    return _FORCED if table.force_row_security else None


def fires_on_update(trigger: Trigger) -> bool:
    """Whether an UPDATE of a column that the trigger does not name fires it."""
    node = _trigger(trigger)
    return trigger.enabled != "D" and bool(node.events & _UPDATE) and not node.columns


def after(name: str, table: Table, scene: Scene) -> str:
    """The name, changed where needed so that the trigger fires as the last of the table's row triggers before a write."""
    before = [t.name for t in scene.triggers_of(table.name) if _trigger(t).timing & _BEFORE]
    return name if all(other < name for other in before) else f"~{name}"


def _trigger(trigger: Trigger) -> Any:
    return parsed(trigger.definition).create_trig_stmt
