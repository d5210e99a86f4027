"""CREATE SEQUENCE and ALTER SEQUENCE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watari.catalog import Name, Sequence
from watari.locale import Text
from watari.planning.kind import Kind, Undo, migrate
from watari.planning.naming import TEMPORARY
from watari.planning.scene import Scene
from watari.planning.trees import options
from watari.sql.compose import Raw, composed
from watari.sql.grammar import strings

_MAKE = Text(en="create sequence {name}", ja="シーケンス {name} を作成")
_CHANGE = Text(en="change sequence {name}", ja="シーケンス {name} を変更")

#: Options of ALTER SEQUENCE whose old value the catalog holds.
_OLD: dict[str, Callable[[Sequence], str]] = {
    "as": lambda s: composed("AS {old}", old=Raw(s.type)),
    "increment": lambda s: composed("INCREMENT BY {old}", old=s.increment),
    "minvalue": lambda s: composed("MINVALUE {old}", old=s.minimum),
    "maxvalue": lambda s: composed("MAXVALUE {old}", old=s.maximum),
    "start": lambda s: composed("START WITH {old}", old=s.start),
    "cache": lambda s: composed("CACHE {old}", old=s.cache),
    "cycle": lambda s: "CYCLE" if s.cycle else "NO CYCLE",
    "owned_by": lambda s: composed("OWNED BY {old}", old=Raw(s.owned_by or "NONE")),
}


def _there(node: Any, scene: Scene) -> bool:
    return bool(node.if_not_exists) and scene.exists(scene.name_of(node.sequence))


def _undo(node: Any, scene: Scene) -> Undo:
    if _there(node, scene) or node.sequence.relpersistence == "t":
        return ()
    return (composed("DROP SEQUENCE {name}", name=scene.name_of(node.sequence)),)


def _happens(node: Any, scene: Scene, text: str) -> None:
    if _there(node, scene):
        return
    temporary = node.sequence.relpersistence == "t"
    name = Name(TEMPORARY, node.sequence.relname) if temporary else scene.name_of(node.sequence)
    scene.make_other(name, "sequence")
    scene.stories.tell("sequence", str(name), text)


def _undo_change(node: Any, scene: Scene) -> Undo:
    name = scene.name_of(node.sequence)
    live: Sequence | None = scene.catalog.sequences.get(name)
    changed = options(node.options)
    if scene.stories.of("sequence", str(name)) or live is None:
        return _undo_owner(name, changed)
    if not changed.keys() <= _OLD.keys():
        return None  # RESTART and SET move the value
    old = Raw(" ".join(_OLD[option](live) for option in changed))
    return (composed("ALTER SEQUENCE {name} {old}", name=name, old=old),)


def _undo_owner(name: Name, changed: dict[str, Any]) -> Undo:
    """The undo on a sequence of this plan, which belongs to no column yet."""
    if changed.keys() == {"owned_by"} and strings(changed["owned_by"].list.items) != ("none",):
        return (composed("ALTER SEQUENCE {name} OWNED BY NONE", name=name),)
    return None


KINDS = (
    Kind(
        nodes=("create_seq_stmt",),
        words=lambda node: _MAKE(name=node.sequence.relname),
        undo=_undo,
        happens=_happens,
        no_op=_there,
    ),
    Kind(
        nodes=("alter_seq_stmt",),
        words=lambda node: _CHANGE(name=node.sequence.relname),
        undo=_undo_change,
        phase=migrate,
    ),
)
