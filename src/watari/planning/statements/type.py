"""CREATE TYPE, CREATE DOMAIN, and new or renamed values of enums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, LiteralString

from watari.locale import Text
from watari.planning.kind import Kind, Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.sql.compose import Raw, Value, composed
from watari.sql.grammar import strings

_MAKE = Text(en="create type {name}", ja="型 {name} を作成")
_DOMAIN = Text(en="create domain {name}", ja="ドメイン {name} を作成")
_ADD = Text(en="add value {value} to enum {name}", ja="列挙型 {name} に値 {value} を追加")
_RENAME = Text(en="rename value {value} of enum {name}", ja="列挙型 {name} の値 {value} の名前を変更")


def _words_of(node: Any) -> tuple[str, ...]:
    if node.DESCRIPTOR.name == "CompositeTypeStmt":
        return (*filter(None, [node.typevar.schemaname]), node.typevar.relname)
    return strings(node.domainname if node.DESCRIPTOR.name == "CreateDomainStmt" else node.type_name)


def _dropping(kind: LiteralString) -> Callable[[Any, Scene], Undo]:
    return lambda node, scene: (composed("DROP {kind} {name}", kind=Raw(kind), name=scene.new(_words_of(node))),)


def _happens(node: Any, scene: Scene, text: str) -> None:
    name = scene.new(_words_of(node))
    scene.make_other(name, "type")
    scene.stories.tell("type", str(name), text)


def _undo_value(node: Any, scene: Scene) -> Undo:
    """A renamed value is renamed back; one that was added stays, unless the type itself is of this plan."""
    name = scene.dotted_type(strings(node.type_name))
    if node.old_val:
        template: LiteralString = "ALTER TYPE {name} RENAME VALUE {new} TO {old}"
        return (composed(template, name=name, new=Value(node.new_val), old=Value(node.old_val)),)
    return () if scene.type_of_this_migration(name) or _known(node, scene) else None


def _known(node: Any, scene: Scene) -> bool:
    """Whether ADD VALUE IF NOT EXISTS finds the value."""
    live = scene.catalog.types.get(scene.dotted_type(strings(node.type_name)))
    return bool(node.skip_if_new_val_exists and not node.old_val and live and node.new_val in live.labels)


def _value_happens(node: Any, scene: Scene, text: str) -> None:
    scene.stories.tell_if_known("type", str(scene.dotted_type(strings(node.type_name))), text)


def _value_words(node: Any) -> Any:
    text, value = (_RENAME, node.old_val) if node.old_val else (_ADD, node.new_val)
    return text(name=node.type_name[-1].string.sval, value=value)


KINDS = (
    Kind(
        nodes=("create_enum_stmt", "composite_type_stmt", "create_range_stmt"),
        words=lambda node: _MAKE(name=_words_of(node)[-1]),
        undo=_dropping("TYPE"),
        happens=_happens,
    ),
    Kind(
        nodes=("create_domain_stmt",),
        words=lambda node: _DOMAIN(name=_words_of(node)[-1]),
        undo=_dropping("DOMAIN"),
        happens=_happens,
    ),
    Kind(
        nodes=("alter_enum_stmt",),
        words=_value_words,
        undo=_undo_value,
        happens=_value_happens,
        phase=lambda node, scene: Phase.MIGRATE if node.old_val else Phase.EXPAND,
        no_op=_known,
    ),
)
