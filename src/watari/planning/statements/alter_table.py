"""ALTER TABLE, subcommand by subcommand; also ALTER of views, indexes and composite types with the same grammar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.locale import Message, Text
from watari.planning.kind import Kind, Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.planning.subcommand import in_order, subcommand_of
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice

_ON = Text(en="{table}: {what}", ja="{table}: {what}")
_AND = Text(en="{first}, {second}", ja="{first}、{second}")
_TYPE = Text(en="change type {name}", ja="型 {name} を変更")

_ORDER = (Phase.EXPAND, Phase.MIGRATE, Phase.CONTRACT)
_TABLES = ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_MATVIEW", "OBJECT_VIEW")


def _commands(node: Any) -> list[Any]:
    return [each.alter_table_cmd for each in node.cmds]


def _words(node: Any) -> Message:
    if choice(node, "objtype") == "OBJECT_TYPE":
        return _TYPE(name=node.relation.relname)
    first, *rest = (subcommand_of(command).words(command) for command in _commands(node))
    for second in rest:
        first = _AND(first=first, second=second)
    return _ON(table=node.relation.relname, what=first)


def _undo(node: Any, scene: Scene) -> Undo:
    table = scene.name_of(node.relation)
    if node.missing_ok and not scene.exists(table):
        return ()
    kind = choice(node, "objtype")
    if kind == "OBJECT_TYPE":
        return _undo_type(node, scene)
    if kind not in _TABLES:
        return None
    undone: list[str] = []
    for command in reversed(in_order(_commands(node))):
        back = subcommand_of(command).undo(command, table, scene)
        if back is None:
            return None
        undone += back
    return tuple(undone)


def _undo_type(node: Any, scene: Scene) -> Undo:
    """ALTER TYPE of a composite type: attributes added are dropped again."""
    name = scene.name_of(node.relation)
    added = [getattr(c, "def").column_def for c in _commands(node) if choice(c, "subtype") == "AT_AddColumn"]
    if len(added) != len(node.cmds):
        return None
    template: LiteralString = "ALTER TYPE {name} DROP ATTRIBUTE {attribute}"
    return tuple(composed(template, name=name, attribute=each.colname) for each in reversed(added))


def _happens(node: Any, scene: Scene, text: str) -> None:
    table = scene.name_of(node.relation)
    if not scene.exists(table) or choice(node, "objtype") not in _TABLES:
        return
    scene.stories.tell_if_known("table", str(table), text)
    for command in in_order(_commands(node)):
        subcommand_of(command).happens(command, table, scene)


def _phase(node: Any, scene: Scene) -> Phase:
    return max((subcommand_of(command).phase for command in _commands(node)), key=_ORDER.index, default=Phase.EXPAND)


def _no_op(node: Any, scene: Scene) -> bool:
    table = scene.name_of(node.relation)
    if not scene.exists(table):
        return bool(node.missing_ok)
    return all(_no_ops(node, scene))


def _no_ops(node: Any, scene: Scene) -> Iterator[bool]:
    table = scene.name_of(node.relation)
    return (subcommand_of(command).no_op(command, table, scene) for command in _commands(node))


def _domain(node: Any, scene: Scene) -> Undo:
    """ALTER DOMAIN: its constraint is dropped again; other changes are not taken back."""
    name = scene.dotted([word.string.sval for word in node.type_name])
    constraint = getattr(node, "def").constraint
    if node.subtype == "C" and constraint.conname:
        return (composed("ALTER DOMAIN {name} DROP CONSTRAINT {c}", name=name, c=constraint.conname),)
    back = {"N": "SET NOT NULL", "O": "DROP NOT NULL"}.get(node.subtype)
    return (composed("ALTER DOMAIN {name} {back}", name=name, back=Raw(back)),) if back else None


KINDS = (
    Kind(nodes=("alter_table_stmt",), words=_words, undo=_undo, happens=_happens, phase=_phase, no_op=_no_op),
    Kind(
        nodes=("alter_domain_stmt",),
        words=lambda node: _TYPE(name=node.type_name[-1].string.sval),
        undo=_domain,
    ),
)
