"""UPDATE and DELETE of a large table in batches along a key, each row exactly once, where that can be proved to end the same.

Rows that are inserted meanwhile stay as they are, as the single statement would leave them: a trigger, made before the first
batch behind a lock that no writer holds any more, writes down their keys. Source: reference recipe R28.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from watari.catalog import KeptKind, Name, Table, TableKind
from watari.planning.aside import Aside, makes
from watari.planning.kept_rows import aside_of_statement, stays
from watari.planning.kind import Undo, kind_of
from watari.planning.plan import Back, Backfill, Note, Phase, StepKind
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.row_by_row import key_of_rows, obstacle_to_cutting
from watari.planning.rows_back import rows_back, values_back
from watari.planning.scene import Scene
from watari.planning.trees import copied, expression, rename_columns
from watari.sql.compose import Raw, Value, composed
from watari.values import replace

_HALF_DONE = Note(
    en="Cut into batches along {key}: others see the statement half done until the step ends, and one that fails stays half "
    "done until it is gone on with. Rows inserted meanwhile stay as they are. The application must not change the key meanwhile.",
    ja="{key} の順に分割して実行します。終わるまでは途中の状態が他のセッションから見え、失敗した場合は再開するまで途中のまま残ります。"
    "実行中に挿入された行は変更しません。実行中にアプリケーションがキーの値を変更しないことが前提です。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    table = scene.table(part.table)
    if table is None or table.kind not in (TableKind.TABLE, TableKind.PARTITIONED) or not scene.is_large(part.table):
        return None
    kind = "update_stmt" if part.node.DESCRIPTOR.name == "UpdateStmt" else "delete_stmt"
    if note := obstacle_to_cutting(kind, part.node, table, scene):
        return Left(note=note)
    key = key_of_rows(part.node, table, scene)
    begin, end = _keeping_arrivals(table, key)
    undo = kind_of(kind).undo(part.node, scene)
    aside = aside_of_statement(kind, part.node, scene) if undo is None else None
    walk = _walk(part, table, key, undo, scene)
    if not isinstance(aside, Aside):
        return (begin, _noted(walk, aside) if aside else walk, end)
    back = rows_back if aside.kind is KeptKind.ROWS else values_back
    begin = replace(
        begin,
        sql=(*begin.sql, *makes(aside)),
        undo=None,
        keeps=(aside.kept,),
        back=(Back(sql=begin.undo or (), planned=True), *back(aside, scene)),
    )
    return (begin, _noted(_taking(walk, aside), stays(aside)), end)


def _noted(walk: Piece, more: Note) -> Piece:
    note = walk.note or more
    return replace(walk, note=Note(en=f"{note.en} {more.en}", ja=note.ja + more.ja))


def _taking(walk: Piece, aside: Aside) -> Piece:
    """The batches with what they take away copied aside; the step before them brings it back."""
    written = tuple(map(aside.written, aside.columns)) if aside.kind is KeptKind.VALUES else ()
    work = (
        replace(walk.backfill, into=str(aside.place), taken=aside.columns, written=written) if walk.backfill else None
    )
    return replace(walk, backfill=work, undo=())


def _arrived(table: Table) -> Name:
    return Name("watari", own_name("arrived", table.name.schema, table.name.name))


def _keeping_arrivals(table: Table, key: Sequence[str]) -> tuple[Piece, Piece]:
    """What notes the keys of rows that are inserted, and what takes it away again."""
    arrived, trigger = _arrived(table), own_name("arrived")
    new = Raw(", ".join(composed("new.{column}", column=column) for column in key))
    body = composed(
        "BEGIN INSERT INTO {arrived} VALUES ({new}) ON CONFLICT DO NOTHING; RETURN NULL; END", arrived=arrived, new=new
    )
    function: LiteralString = (
        "CREATE FUNCTION {arrived}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = pg_catalog, pg_temp AS {body}"
    )
    make: LiteralString = "CREATE TRIGGER {trigger} AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {arrived}()"
    always: LiteralString = "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
    place: dict[str, Name | str] = {"table": table.name, "trigger": trigger}
    gone = (
        composed("DROP TRIGGER IF EXISTS {trigger} ON {table}", **place),
        composed("DROP FUNCTION IF EXISTS {arrived}()", arrived=arrived),
        composed("DROP TABLE IF EXISTS {arrived}", arrived=arrived),
    )
    begin = Piece(
        sql=(
            composed("CREATE TABLE {arrived} AS SELECT {key} FROM {table} WITH NO DATA", arrived=arrived, key=list(key), **place),
            composed("ALTER TABLE {arrived} ADD PRIMARY KEY ({key})", arrived=arrived, key=list(key)),
            composed(function, arrived=arrived, body=Value(body)),
            composed(make, arrived=arrived, **place),
            composed(always, **place),
        ),
        phase=Phase.MIGRATE,
        undo=gone,
    )  # fmt: skip
    return begin, Piece(sql=gone, phase=Phase.MIGRATE)


def _walk(part: Part, table: Table, key: Sequence[str], undo: Undo, scene: Scene) -> Piece:
    words = ", ".join(key)
    return Piece(
        kind=StepKind.BACKFILL,
        phase=Phase.MIGRATE,
        backfill=Backfill(
            table=str(table.name),
            assignments=tuple(
                (target.res_target.name, _own(target.res_target.val))
                for target in getattr(part.node, "target_list", ())
            ),
            where=_where(part.node, table, key),
            key=tuple(key),
            delete=not hasattr(part.node, "target_list"),
        ),
        effects=(scene.all_rows_written(part.table),),
        undo=undo,
        note=Note(en=_HALF_DONE.en.format(key=words), ja=_HALF_DONE.ja.format(key=words)),
    )


def _own(tree: Any) -> str:
    """An expression in which columns stand without the table's name or alias."""
    own = copied(tree)
    rename_columns(own, lambda words: words[-1:])
    return expression(own)


def _where(node: Any, table: Table, key: Sequence[str]) -> str:
    arrived = _arrived(table)
    inside = (composed("{arrived}.{column}", arrived=arrived, column=column) for column in key)
    outside = (composed("{table}.{column}", table=table.name, column=column) for column in key)
    new = composed(
        "NOT EXISTS (SELECT FROM {arrived} WHERE ({inside}) = ({outside}))",
        arrived=arrived,
        inside=Raw(", ".join(inside)),
        outside=Raw(", ".join(outside)),
    )
    if not node.HasField("where_clause"):
        return new
    return composed("({own}) AND {new}", own=Raw(_own(node.where_clause)), new=Raw(new))


FORM = Form(name="cut-by-key", policy="large_update", keys=("update_stmt", "delete_stmt"), rewrite=_rewrite)
