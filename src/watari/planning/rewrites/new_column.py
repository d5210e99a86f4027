"""ALTER COLUMN TYPE that would rewrite the table: a new column takes the old one's place.

Whether it would is the prediction's word; what the steps are, `watari.planning.replacement`'s.
"""

from __future__ import annotations

from watari.planning.conversion import conversion, keeps_expressions, reverse
from watari.planning.dependants import obstacle
from watari.planning.keeping import holds_rows, keeps, made_of_going
from watari.planning.plan import Note
from watari.planning.replacement import Replacement, replacement
from watari.planning.rewrite import Form, Left, Part, Rewritten
from watari.planning.scene import Scene
from watari.planning.ties import is_tied, ties_can_move
from watari.planning.trees import deparsed, only_subcommand
from watari.planning.type_back import type_back
from watari.sql.compose import composed
from watari.sql.grammar import strings
from watari.values import replace

_UNSURE = Note(
    en="The USING expression may give different values at different times; the table is rewritten as a whole.",
    ja="USING 式の結果が実行時により変わりうるため、テーブル全体を一度に書き換えます。",
)
_TIED = Note(
    en="The column is an identity, or foreign keys refer to it, that cannot go along with it to this type.",
    ja="IDENTITY カラム、または外部キーから参照されているカラムで、この型への入れ替えに伴って移せません。",
)
_TIED_OLD = Note(
    en="The old column is not kept: foreign keys, or an identity, have moved to the new one. Going back exchanges the column once more.",
    ja="外部キーまたは IDENTITY が新しいカラムに移ったため、旧カラムは保持しません。戻す場合は、もう一度カラムを入れ替えます。",
)
_LEFTOVER = Note(
    en="The table has a column {name} of an earlier attempt; the table is rewritten as a whole.",
    ja="以前の試行で作られたカラム {name} が残っているため、テーブル全体を一度に書き換えます。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    table = scene.table(part.table)
    column = table.column(part.node.name) if table else None
    if table is None or column is None or not scene.is_large(part.table):
        return None
    written = deparsed(only_subcommand(part.statement, part.node, part.table))
    if not any(effect.rewrite for effect in scene.effects_on(part.table, written)):
        return None
    if note := obstacle(table, column, scene):
        return Left(note=note)
    definition = getattr(part.node, "def").column_def
    tied = is_tied(table, column, scene)
    if tied and not (ties_can_move(table, column, scene) and keeps_expressions(column, definition)):
        return Left(note=_TIED)
    how = conversion(table, column, definition, scene)
    if how is None:
        return Left(note=_UNSURE)
    collation = "".join(composed(" COLLATE {name}", name=word) for word in _collation(definition))
    undo = type_back(table, column, definition, scene)
    work = Replacement(
        table=table,
        column=column,
        conversion=how,
        collation=collation,
        back=undo,
        scene=scene,
        keeps=keeps(scene)
        and not tied
        and holds_rows(part.table, scene) is not None
        and not made_of_going((column.type,), scene),
        reverse=reverse(column, definition),
    )
    if table.column(work.new) or table.column(work.old):
        return Left(note=Note(en=_LEFTOVER.en.format(name=work.new), ja=_LEFTOVER.ja.format(name=work.new)))
    made = replacement(work)
    if tied and keeps(scene) and holds_rows(part.table, scene) is not None:
        return (*made[:-1], replace(made[-1], note=_TIED_OLD))
    return made


def _collation(definition: object) -> tuple[str, ...]:
    clause = getattr(definition, "coll_clause", None)
    words = strings(clause.collname) if clause is not None else ()
    return words[-1:]


FORM = Form(name="new-column", policy="type_change", keys=("AT_AlterColumnType",), rewrite=_rewrite)
