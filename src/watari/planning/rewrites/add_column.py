"""ADD COLUMN that would rewrite or scan the table: the column first, its values in batches, its constraints one by one.

A volatile default is set for new rows and brought to the old ones afterwards. Source: reference recipe R01, section 2.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Table
from watari.planning.constraints import constraint_name, of_table
from watari.planning.dependants import obstacle_to_backfill
from watari.planning.numbering import is_numbered, numbered
from watari.planning.plan import Backfill, Note, Phase, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.rewrites.unique import through_index
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, expression, only_subcommand
from watari.planning.validation import in_two_steps, required
from watari.sql.compose import composed
from watari.sql.grammar import choice

_FILLED_AT_ONCE = Note(
    en="The column is filled for every row at once (a domain with a constraint).",
    ja="制約付きドメインのため、全行が一度に書き込まれます。",
)
_GENERATED = Note(
    en="A stored generated column is computed for every row at once, and PostgreSQL makes no column that is there a generated one: "
    "readers and writers wait. In its place, from 18 on a VIRTUAL column costs nothing; before, a plain column filled by a trigger "
    "on INSERT and UPDATE.",
    ja="STORED の生成カラムは全行が一度に計算され、既存カラムを後から生成カラムにする方法もないため、読み書きが待たされます。"
    "18 以降なら VIRTUAL、それより前なら INSERT / UPDATE トリガーで埋める通常カラムで代替できます。",
)
_PARTITIONED = Note(
    en="The table is partitioned; the column is added with its constraints at once.",
    ja="パーティションテーブルのため、カラムと制約をまとめて追加します。",
)
#: Constraints that can be added after the column.
_LATER = ("CONSTR_CHECK", "CONSTR_FOREIGN", "CONSTR_UNIQUE", "CONSTR_PRIMARY")


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node, table = getattr(part.node, "def").column_def, scene.table(part.table)
    if table is None or not scene.is_large(part.table):
        return None
    if part.node.missing_ok and table.column(node.colname):
        return () if scene.live(part.table) else None
    later = [constraint for constraint in _folded(node) if choice(constraint, "contype") in _LATER]
    if not _is_work(part, part.node, scene) and not any(_builds(constraint) for constraint in later):
        return None
    if table.partition_key:
        return Left(note=_PARTITIONED)
    bare = _without(part.node, *_LATER)
    if not _is_work(part, bare, scene):
        first: tuple[Piece, ...] = (_added(part, bare),)
    elif _is_generated(node):
        return Left(note=_GENERATED)
    elif is_numbered(node):
        if note := obstacle_to_backfill(table, scene):
            return Left(note=note)
        first = tuple(numbered(node, table, scene))
    elif _default(node) is None or _is_work(part, _without(bare, "CONSTR_DEFAULT", "CONSTR_NOTNULL"), scene):
        return Left(note=_FILLED_AT_ONCE)
    elif note := obstacle_to_backfill(table, scene):
        return Left(note=note)
    else:
        first = tuple(_filled(part, table, scene))
    return (*first, *(piece for constraint in later for piece in _constraint(constraint, part, scene)))


def _folded(node: Any) -> Iterator[Any]:
    """The column's constraints, with the words DEFERRABLE and the like in the constraint that they belong to."""
    waiting: Any | None = None
    for each in node.constraints:
        kind = choice(each.constraint, "contype")
        if kind.startswith("CONSTR_ATTR_"):
            if waiting is not None:
                waiting.deferrable = waiting.deferrable or kind in ("CONSTR_ATTR_DEFERRABLE", "CONSTR_ATTR_DEFERRED")
                waiting.initdeferred = waiting.initdeferred or kind == "CONSTR_ATTR_DEFERRED"
            continue
        if waiting is not None:
            yield waiting
        waiting = copied(each.constraint)
    if waiting is not None:
        yield waiting


def _builds(constraint: Any) -> bool:
    return choice(constraint, "contype") in ("CONSTR_UNIQUE", "CONSTR_PRIMARY")


def _is_work(part: Part, command: Any, scene: Scene) -> bool:
    """Whether the subcommand alone would read or write all rows."""
    written = deparsed(only_subcommand(part.statement, command, part.table))
    return any(effect.rewrite or effect.scan for effect in scene.effects_on(part.table, written))


def _without(command: Any, *kinds: str) -> Any:
    """A copy of ADD COLUMN without the constraints of these kinds (and the words that belong to them)."""
    own = copied(command)
    column = getattr(own, "def").column_def
    kept = [copied(c) for c in column.constraints if choice(c.constraint, "contype") not in kinds]
    if any(kind in kinds for kind in _LATER):
        kept = [c for c in kept if not choice(c.constraint, "contype").startswith("CONSTR_ATTR_")]
    del column.constraints[:]
    column.constraints.extend(kept)
    own.missing_ok = False
    return own


def _is_generated(node: Any) -> bool:
    return any(choice(each.constraint, "contype") == "CONSTR_GENERATED" for each in node.constraints)


def _default(node: Any) -> Any | None:
    found = (c.constraint for c in node.constraints if choice(c.constraint, "contype") == "CONSTR_DEFAULT")
    return next((constraint.raw_expr for constraint in found), None)


def _added(part: Part, command: Any, *more: Any) -> Piece:
    whole = only_subcommand(part.statement, command, part.table)
    for other in more:
        whole.alter_table_stmt.cmds.add().alter_table_cmd.CopyFrom(other)
    column = getattr(command, "def").column_def.colname
    template: LiteralString = "ALTER TABLE {table} DROP COLUMN {column}"
    return Piece(
        sql=(deparsed(whole),), phase=Phase.EXPAND, undo=(composed(template, table=part.table, column=column),)
    )


def _filled(part: Part, table: Table, scene: Scene) -> Iterator[Piece]:
    """The column empty with its default for new rows, in one statement; then the rows that were there."""
    node = getattr(part.node, "def").column_def
    value = _default(node)
    bare = _without(part.node, *_LATER, "CONSTR_DEFAULT", "CONSTR_NOTNULL")
    set_default = type(part.node)(name=node.colname)
    set_default.subtype = (
        type(part.node).DESCRIPTOR.fields_by_name["subtype"].enum_type.values_by_name["AT_ColumnDefault"].number
    )
    getattr(set_default, "def").CopyFrom(value)
    yield _added(part, bare, set_default)
    yield Piece(
        kind=StepKind.BACKFILL,
        phase=Phase.MIGRATE,
        backfill=Backfill(
            table=str(part.table),
            assignments=((node.colname, expression(value)),),
            where=composed("{column} IS NULL", column=node.colname),
        ),
        effects=(scene.all_rows_written(part.table),),
    )
    analyze = composed("ANALYZE {table} ({column})", table=part.table, column=node.colname)
    yield Piece(sql=(analyze,), phase=Phase.MIGRATE)
    if any(choice(c.constraint, "contype") == "CONSTR_NOTNULL" for c in node.constraints):
        named = next(c.constraint for c in node.constraints if choice(c.constraint, "contype") == "CONSTR_NOTNULL")
        yield from required(part.table, node.colname, scene, named.conname or None)


def _constraint(constraint: Any, part: Part, scene: Scene) -> tuple[Piece, ...]:
    column = getattr(part.node, "def").column_def.colname
    if _builds(constraint):
        return through_index(of_table(constraint, column), part, scene, column)
    return in_two_steps(of_table(constraint, column), constraint_name(part.table, constraint, scene, column), part)


FORM = Form(name="filled-column", policy="volatile_default", keys=("AT_AddColumn",), rewrite=_rewrite)
