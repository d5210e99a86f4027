"""RENAME of a table: a view under the old name, through which the application of before goes on reading and writing.

The view is as plain as the server needs it to write through it (documentation, "CREATE VIEW", Updatable Views), and checks
row level security as its reader (`security_invoker`, since 15). Source: reference recipe R18.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Kept, KeptKind, Name, Table, TableKind
from watari.planning import definitions
from watari.planning.deployment import with_new_name
from watari.planning.keeping import closed_for_a_moment, holds_rows, keeps, pauses
from watari.planning.plan import Back, Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice
from watari.values import replace

_BOTH = Note(
    en="The old name {old} goes on working as a view until watari release. Through it not: TRUNCATE, COPY, ON CONFLICT ON "
    "CONSTRAINT, and MERGE before 17.",
    ja="旧名 {old} は watari release まで同名のビューとして使えます。ただし TRUNCATE、COPY、ON CONFLICT ON CONSTRAINT、"
    "17 より前の MERGE はビュー経由では使えません。",
)
_TAKEN = Note(
    en="The old name {old} is used again by a later statement, so that it cannot go on working for the application of before.",
    ja="旧名 {old} は後続の文で再利用されるため、旧アプリケーション向けに残せません。",
)
_OPEN = Note(
    en="Row level security would not hold through a view on this server (before 15), so that the old name {old} is not kept.",
    ja="このサーバー (15 より前) ではビュー経由で行レベルセキュリティが働かないため、旧名 {old} は残しません。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    node = part.node
    if choice(node, "rename_type") != "OBJECT_TABLE" or not (keeps(scene) or pauses(scene)):
        return None
    old = scene.name_of(node.relation)
    table = scene.table(old)
    if table is None or holds_rows(old, scene) is None or table.kind not in (TableKind.TABLE, TableKind.PARTITIONED):
        return None
    if table.parents:
        return None  # the application says the parent's name
    if old.name in scene.kept.names_made():
        return Left(note=_filled(_TAKEN, old))
    if table.row_security and scene.catalog.major < 15:
        return Left(note=_filled(_OPEN, old))
    new = Name(old.schema, node.newname)
    return (_piece(node, table, new, scene),) if keeps(scene) else tuple(_until_deployed(node, table, new, scene))


def _until_deployed(node: Any, table: Table, new: Name, scene: Scene) -> Iterator[Piece]:
    """The view until the application of before is gone; nothing of it is left at the end."""
    piece = _piece(node, table, new, scene)
    drop = composed("DROP VIEW {old}", old=table.name)
    yield replace(piece, keeps=(), back=(), note=None, undo=(drop, *(piece.undo or ())))
    again = tuple(_view(table, new, scene))
    awaits = with_new_name(str(table.name), str(new))
    yield Piece(sql=(drop,), phase=Phase.CONTRACT, undo=again, effects=piece.effects, awaits=awaits)


def _filled(note: Note, old: Name) -> Note:
    return Note(en=note.en.format(old=old), ja=note.ja.format(old=old))


def _piece(node: Any, table: Table, new: Name, scene: Scene) -> Piece:
    old = table.name
    undo = composed("ALTER TABLE {new} RENAME TO {old}", new=new, old=old.name)
    drop = composed("DROP VIEW {old}", old=old)
    kept = Kept(kind=KeptKind.NAME, object=str(old), migration="", relation=str(old), parts=(("table", str(new)),))
    return Piece(
        sql=(_written(node), *_view(table, new, scene)),
        phase=Phase.EXPAND,
        undo=(undo,),
        note=_filled(_BOTH, old),
        effects=closed_for_a_moment(old, ()),
        keeps=(kept,),
        back=(Back(sql=(drop, undo), releases=True),),
    )


def _written(node: Any) -> str:
    whole = copied(parsed("ALTER TABLE t RENAME TO u"))
    whole.rename_stmt.CopyFrom(node)
    return deparsed(whole)


def _view(table: Table, new: Name, scene: Scene) -> Iterator[str]:
    options = Raw(" WITH (security_invoker = true)" if scene.catalog.major >= 15 else "")
    columns = [column.name for column in sorted(table.columns, key=lambda column: column.position)]
    template: LiteralString = "CREATE VIEW {old}{options} AS SELECT {columns} FROM {new}"
    yield composed(template, old=table.name, options=options, columns=columns, new=new)
    if table.owner:
        yield composed("ALTER VIEW {old} OWNER TO {owner}", old=table.name, owner=table.owner)
    yield from definitions.grants("TABLE", table.name, table.acl)


FORM = Form(name="kept-name", policy="rename", keys=("rename_stmt",), rewrite=_rewrite)
