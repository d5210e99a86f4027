"""RENAME of a column: both names work, for reading and writing, until the application of before is gone.

What the steps are is `watari.planning.twin`'s. Source: reference recipe R18; measured on 15 and 18.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from watari.catalog import Column, Table, TableKind
from watari.planning.dependants import indexes_with, mentions, obstacle_to_backfill, published
from watari.planning.keeping import holds_rows, keeps, pauses
from watari.planning.plan import Note
from watari.planning.rewrite import Form, Left, Part, Rewritten
from watari.planning.scene import Scene
from watari.planning.trees import parsed
from watari.planning.twin import Twin, twin_name, twinned
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, column_references, strings

_BEFORE = 2  # a bit of CreateTrigStmt.timing (catalog/pg_trigger.h)

_ENDS = Note(
    en="The old name {old} stops working with this statement: {why}",
    ja="この文以降、旧名 {old} は使えなくなります: {why}",
)
_TAKEN = Note(
    en="A later statement of this plan gives the name to another column.",
    ja="後続の文が同じ名前を別のカラムに使います。",
)
_INHERITED = Note(
    en="The table is partitioned, inherits, or is inherited from; it would need a second column in every one of them.",
    ja="パーティション・継承関係のあるテーブルで、すべてに 2 つ目のカラムが必要になるためです。",
)
_GENERATED = Note(
    en="The column is generated; no trigger can read it before the row is written.",
    ja="生成カラムの値は、行の書き込み前にトリガーから参照できないためです。",
)
_FIRED_BY_NAME = Note(
    en="Trigger or rule {name} of the table is about the column; what is written by the old name would not reach it.",
    ja="トリガーまたはルール {name} がこのカラムを参照しており、旧名での書き込みが届かないためです。",
)
_LEFTOVER = Note(
    en="The table has a column {name} of an earlier attempt.", ja="以前の試行で作られたカラム {name} が残っています。"
)
_GIVEN_OR_NOT = Note(
    en="The column may be NULL and has a default that differs each time; a NULL that was written could not be told from nothing.",
    ja="NULL を許し、毎回異なるデフォルト値を持つカラムでは、NULL の明示的な書き込みと省略を区別できないためです。",
)
_CHECKED_TYPE = Note(
    en="A second column of its type cannot be added without rewriting the table.",
    ja="この型のカラムの追加にはテーブル全体の書き換えが必要なためです。",
)
_CHANGED_BEFORE = Note(
    en="An earlier statement of this plan has changed an index of the column.",
    ja="この計画の前の文が、このカラムのインデックスを変更しているためです。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node = part.node
    if choice(node, "rename_type") != "OBJECT_COLUMN" or not (keeps(scene) or pauses(scene)):
        return None
    name = scene.name_of(node.relation)
    table = scene.table(name)
    column = table.column(node.subname) if table else None
    live = holds_rows(name, scene)
    if table is None or column is None or table.column(node.newname) or live is None:
        return None
    if live.column(node.subname) is None:
        return None  # made or renamed by this plan: no application knows the name
    note = _obstacle(table, column, node.newname, scene)
    default, why = _default(table, column, scene) if note is None else (None, None)
    if note := note or why:
        words = {"old": f"{table.name}.{column.name}"}
        return Left(note=Note(en=_ENDS.en.format(why=note.en, **words), ja=_ENDS.ja.format(why=note.ja, **words)))
    return twinned(Twin(table=table, column=column, new=node.newname, default=default, scene=scene, keeps=keeps(scene)))


# -- what stands in the way ---------------------------------------------------------------------------------------------


def _obstacle(table: Table, column: Column, new: str, scene: Scene) -> Note | None:
    if (table.name.name, column.name) in scene.kept.columns_made():
        return _TAKEN
    if table.kind is not TableKind.TABLE or table.parents or scene.partitions_of(table.name):
        return _INHERITED
    if column.generated:
        return _GENERATED
    if table.column(twin_name(column.name)):
        return _filled(_LEFTOVER, twin_name(column.name))
    if not all(index.definition for index in indexes_with(table, column.name, scene)):
        return _CHANGED_BEFORE
    if name := next(_about(table, (column.name, new), scene), None):
        return _filled(_FIRED_BY_NAME, name)
    return published(table, scene) or obstacle_to_backfill(table, scene)


def _about(table: Table, columns: tuple[str, str], scene: Scene) -> Iterator[str]:
    """The triggers and rules that look at the column by either name, before the two are equal or whichever was written."""
    functions = {(str(routine.name), routine.arguments): routine.definition for routine in scene.catalog.routines}
    for trigger in scene.triggers_of(table.name):
        node = parsed(trigger.definition).create_trig_stmt
        named = {*strings(node.columns), *strings(node.args), *column_references(node.when_clause)}
        body = functions.get((trigger.function, ""), "") if node.timing & _BEFORE else ""
        if not named.isdisjoint(columns) or any(re.search(rf"\b{re.escape(column)}\b", body) for column in columns):
            yield trigger.name
    live = scene.live_name(table.name).name
    for other in scene.catalog.others:
        if other.kind == "rule" and mentions(other.definition, live) and mentions(other.definition, columns[0]):
            yield other.identity


def _filled(note: Note, name: str) -> Note:
    return Note(en=note.en.format(name=name), ja=note.ja.format(name=name))


# -- what both columns hold where nothing is given ----------------------------------------------------------------------


def _default(table: Table, column: Column, scene: Scene) -> tuple[str | None, Note | None]:
    """The default for the twin, or why there can be none: one that is the same at every call within a transaction."""
    if column.default is not None and not _rewrites(table, column, column.default, scene):
        return column.default, None
    if _rewrites(table, column, None, scene):
        return None, _CHECKED_TYPE
    if (column.default is not None or column.identity) and not column.not_null:
        return None, _GIVEN_OR_NOT
    return None, None


def _rewrites(table: Table, column: Column, default: str | None, scene: Scene) -> bool:
    clause = Raw(composed(" DEFAULT {value}", value=Raw(default)) if default else "")
    text = composed(
        "ALTER TABLE {table} ADD COLUMN {twin} {type}{default}",
        table=table.name,
        twin=twin_name(column.name),
        type=Raw(column.type),
        default=clause,
    )
    return any(effect.rewrite for effect in scene.effects_on(table.name, text))


FORM = Form(name="kept-column-name", policy="rename", keys=("rename_stmt",), rewrite=_rewrite)
