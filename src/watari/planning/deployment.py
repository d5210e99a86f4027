"""Which application must be out before a step may run, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watari.catalog import Kept, KeptKind, Name
from watari.locale import Text
from watari.planning.keeping import filled, holds_rows
from watari.planning.naming import below
from watari.planning.plan import Note, Phase, Step, StepKind
from watari.planning.scene import Scene
from watari.planning.statements.drop import gone
from watari.planning.trees import words
from watari.sql.grammar import choice
from watari.values import replace

__all__ = [
    "awaited",
    "awaits_of",
    "awaits_of_subcommand",
    "deployment_for",
    "pause_before",
    "with_new_column",
    "with_new_name",
    "without_column",
    "without_table",
]

_WITHOUT_COLUMN = Note(
    en="Deploy the application that neither reads nor writes column {name}.",
    ja="カラム {name} を読み書きしないアプリケーションをデプロイしてください。",
)
_WITHOUT_TABLE = Note(
    en="Deploy the application that no longer uses table {name}.",
    ja="テーブル {name} を使わないアプリケーションをデプロイしてください。",
)
_WITH_NEW_NAME = Note(
    en="Deploy the application that says {new} for table {old}.",
    ja="テーブル {old} を {new} という名前で使うアプリケーションをデプロイしてください。",
)
_WITH_NEW_COLUMN = Note(
    en="Deploy the application that says {new} for column {old}.",
    ja="カラム {old} を {new} という名前で使うアプリケーションをデプロイしてください。",
)


def awaited(pause: Step) -> Text:
    """What a pause waits for, in words."""
    return Text(en=" ".join(note.en for note in pause.notes), ja="".join(note.ja for note in pause.notes))


def without_column(name: str) -> Note:
    """The application that can do without the column."""
    return _filled(_WITHOUT_COLUMN, name=name)


def without_table(name: str) -> Note:
    """The application that can do without the table."""
    return _filled(_WITHOUT_TABLE, name=name)


def with_new_name(old: str, new: str) -> Note:
    """The application that knows the new name of a table."""
    return _filled(_WITH_NEW_NAME, old=old, new=new)


def with_new_column(old: str, new: str) -> Note:
    """The application that knows the new name of a column."""
    return _filled(_WITH_NEW_COLUMN, old=old, new=new)


def deployment_for(kept: Kept) -> Note | None:
    """The application that must be out before what is kept may go: one that uses it no longer; None where none does."""
    if not kept.is_name:
        return None
    return (with_new_name if kept.kind is KeptKind.NAME else with_new_column)(kept.object, kept.new_name)


def _filled(note: Note, **words: str) -> Note:
    return Note(en=note.en.format(**words), ja=note.ja.format(**words))


# -- of statements that stay as written ---------------------------------------------------------------------------------


def awaits_of(kind: str, node: Any, scene: Scene) -> tuple[Note, ...]:
    """What a statement as written waits for: an application that can do without what it drops."""
    if kind == "alter_table_stmt":
        table = scene.name_of(node.relation)
        commands = (each.alter_table_cmd for each in node.cmds)
        return tuple(n for c in commands for n in awaits_of_subcommand(choice(c, "subtype"), c, table, scene))
    if kind != "drop_stmt" or choice(node, "remove_type") != "OBJECT_TABLE":
        return ()
    names = [scene.dotted(words(object)) for object in node.objects if not gone(node, object, scene)]
    return tuple(without_table(str(name)) for name in names if holds_rows(name, scene))


def awaits_of_subcommand(key: str, command: Any, table: Name, scene: Scene) -> tuple[Note, ...]:
    """The same for one subcommand of ALTER TABLE."""
    live = holds_rows(table, scene) if key == "AT_DropColumn" else None
    if live is None or not filled(live, command.name, scene) or scene.back:
        return ()
    return (without_column(below(table, command.name)),)


def pause_before(
    awaits: Sequence[Note], steps: list[Step], phase: Phase, migration: str, id: str, scene: Scene
) -> None:
    """A stop before a step that needs another application; steps that follow each other share one."""
    if not awaits or not scene.policy.pause_for_deployments or scene.back:
        scene.kept.open_pause = None
        return
    if scene.kept.open_pause:
        before, place = scene.kept.open_pause
        notes = tuple(dict.fromkeys((*before[place].notes, *awaits)))
        before[place] = replace(before[place], notes=notes)
        return
    notes = tuple(dict.fromkeys(awaits))
    steps.append(Step(id=id, phase=phase, kind=StepKind.PAUSE, migration=migration, undo=(), notes=notes))
    scene.kept.open_pause = (steps, len(steps) - 1)
