"""What was kept is let go: the statements for each kind of thing, and the views under old names that stand in the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import COPIED, Kept, KeptKind, LockMode, Name
from watari.evidence.effect import Effect
from watari.planning.deployment import deployment_for
from watari.planning.naming import below
from watari.planning.plan import Note, Phase
from watari.planning.rewrite import Part, Piece, pieces
from watari.planning.scene import Scene
from watari.planning.trees import words
from watari.planning.twin import twin_dropped
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice

__all__ = ["letting_go", "names_in_the_way"]

_ENDS = Note(
    en="The old name {old} stops working here: what follows cannot be done while a view reads from the table.",
    ja="以降の変更はビューから参照されたままでは行えないため、旧名 {old} はここで使えなくなります。",
)
_SUCCEEDED = Note(
    en="The old column {place} is let go: the one that took its place, and from which it is written, is changed itself.",
    ja="旧カラム {place} を解放します。反映元である後継のカラム自体が変更されるためです。",
)
_COLUMN_ENDS = Note(
    en="The old name {place} stops working here: the column that took its place is changed, or the name is given anew.",
    ja="改名後のカラムが変更されるか、同じ名前が再び使われるため、旧名 {place} はここで使えなくなります。",
)
#: Subcommands after which what is written under one name of a column would not be what belongs under the other.
_ENDING = frozenset({"AT_DropColumn", "AT_AlterColumnType", "AT_ColumnDefault", "AT_AddColumn", "AT_AddIdentity"})
#: Subcommands that a view refuses, or after which it would read and write another column than the one of its name.
_REFUSED = frozenset({"AT_DropColumn", "AT_AlterColumnType"})


def letting_go(kept: Kept) -> Piece:
    """The transaction that lets one thing go for good; `relation` is where it is now."""
    table = Raw(kept.relation)
    effects = (Effect(relation=kept.relation, lock=LockMode.ACCESS_EXCLUSIVE),)
    if kept.kind is KeptKind.TABLE or kept.kind in COPIED:
        members = ", ".join((kept.relation, *(name for kind, name in kept.parts if kind == "member")))
        return Piece(sql=(composed("DROP TABLE {table}", table=Raw(members)),), phase=Phase.CONTRACT, effects=effects)
    if kept.kind is KeptKind.SCHEMA:
        drop = composed("DROP SCHEMA {schema} CASCADE", schema=kept.part("schema") or "")
        return Piece(sql=(drop,), phase=Phase.CONTRACT, effects=effects)
    awaits = deployment_for(kept)
    if kept.kind is KeptKind.NAME:
        note = Note(en=_ENDS.en.format(old=kept.object), ja=_ENDS.ja.format(old=kept.object))
        drop = composed("DROP VIEW {table}", table=table)
        return Piece(sql=(drop,), phase=Phase.CONTRACT, effects=effects, note=note, awaits=awaits)
    if kept.kind is KeptKind.COLUMN_NAME:
        note = Note(en=_COLUMN_ENDS.en.format(place=kept.object), ja=_COLUMN_ENDS.ja.format(place=kept.object))
        drops = tuple(_column(kept, table))
        return Piece(sql=drops, phase=Phase.CONTRACT, effects=effects, note=note, awaits=awaits)
    ends = Note(en=_SUCCEEDED.en.format(place=kept.place), ja=_SUCCEEDED.ja.format(place=kept.place))
    said = ends if kept.kind is KeptKind.REPLACED else None
    return Piece(sql=tuple(_column(kept, table)), phase=Phase.CONTRACT, effects=effects, note=said)


def _column(kept: Kept, table: Raw) -> Iterator[str]:
    if trigger := kept.part("trigger"):
        yield composed("DROP TRIGGER {trigger} ON {table}", trigger=trigger, table=table)
    if function := kept.part("function"):
        yield composed("DROP FUNCTION {function}()", function=Name("watari", function))
    if kept.kind is KeptKind.COLUMN_NAME:
        yield from twin_dropped(table, kept.column or "")
    else:
        drop: LiteralString = "ALTER TABLE {table} DROP COLUMN {column}"
        yield composed(drop, table=table, column=kept.column or "")


def names_in_the_way(kind: str, node: Any, scene: Scene) -> tuple[Kept, ...]:
    """The kept names that end before a statement: its table is changed in a way that a view refuses, or it takes the name."""
    there = scene.kept.names or scene.kept.replaced or scene.kept.column_names
    if not there or scene.foggy:
        return ()
    changed: set[str] = set()
    made: set[str] = set()
    match kind:
        case "alter_table_stmt":
            if any(choice(each.alter_table_cmd, "subtype") in _REFUSED for each in node.cmds):
                changed.add(str(scene.name_of(node.relation)))
        case "drop_stmt" if choice(node, "remove_type") == "OBJECT_TABLE":
            changed |= {str(scene.dotted(words(object))) for object in node.objects}
        case "create_stmt":
            made.add(str(scene.name_of(node.relation)))
        case "view_stmt":
            made.add(str(scene.name_of(node.view)))
        case "create_table_as_stmt":
            made.add(str(scene.name_of(node.into.rel)))
        case "rename_stmt" if node.HasField("relation") and not node.subname:
            made.add(str(Name(scene.name_of(node.relation).schema, node.newname)))
    columns = set(_columns_changed(kind, node, scene))
    return (
        *(kept for column, kept in scene.kept.replaced.items() if column in columns),
        *_column_names_in_the_way(kind, node, scene),
        *(k for table, k in scene.kept.names.items() if table in changed or k.object in made),
    )


def _columns_changed(kind: str, node: Any, scene: Scene) -> Iterator[str]:
    """The columns that a statement drops or renames: no trigger can write from them any more."""
    if kind == "alter_table_stmt":
        for command in (each.alter_table_cmd for each in node.cmds):
            if choice(command, "subtype") == "AT_DropColumn" and not _only_set_aside(command, node, scene):
                yield below(scene.name_of(node.relation), command.name)
    elif kind == "rename_stmt" and choice(node, "rename_type") == "OBJECT_COLUMN":
        yield below(scene.name_of(node.relation), node.subname)


def _only_set_aside(command: Any, node: Any, scene: Scene) -> bool:
    """Whether the dropped column is kept, so that it comes back to the trigger, and nothing is written into it meanwhile.

    The trigger does nothing where a column is not there by its name; then the way back through both drops and changes is as
    quick as through each.
    """
    name = scene.name_of(node.relation)
    table = scene.table(name)
    column = table.column(command.name) if table else None
    if column is None or column.default is not None or column.identity:
        return False
    made = pieces("AT_DropColumn", Part(node=command, statement=node, table=name), scene)
    return isinstance(made, tuple) and any(piece.keeps for piece in made)


def _column_names_in_the_way(kind: str, node: Any, scene: Scene) -> Iterator[Kept]:
    """The kept names of columns that end: their column is dropped, renamed or of another type or default, or they are taken."""
    named: set[str] = set()
    if kind == "alter_table_stmt":
        commands = [each.alter_table_cmd for each in node.cmds]
        found = (c.name or getattr(c, "def").column_def.colname for c in commands if choice(c, "subtype") in _ENDING)
        named.update(below(scene.name_of(node.relation), name) for name in found)
    elif kind == "rename_stmt" and choice(node, "rename_type") == "OBJECT_COLUMN":
        named.update(below(scene.name_of(node.relation), name) for name in (node.subname, node.newname))
    for column, kept in scene.kept.column_names.items():
        if column in named or kept.place in named:
            yield kept
