"""DROP: made again from the catalog, or from the statements of this plan; not where rows would come back empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from watari.catalog import Name
from watari.locale import Text
from watari.planning import definitions
from watari.planning.kind import Kind, Undo, contract
from watari.planning.naming import below
from watari.planning.scene import Scene
from watari.planning.statements.function import routine, signature
from watari.planning.statements.trigger import policy, trigger
from watari.planning.trees import words
from watari.sql.compose import composed
from watari.sql.grammar import choice, strings

_DROP = Text(en="drop {kind} {name}", ja="{kind} {name} を削除")
_KINDS = {
    "OBJECT_TABLE": Text(en="table", ja="テーブル"),
    "OBJECT_VIEW": Text(en="view", ja="ビュー"),
    "OBJECT_MATVIEW": Text(en="materialized view", ja="マテリアライズドビュー"),
    "OBJECT_INDEX": Text(en="index", ja="インデックス"),
    "OBJECT_SEQUENCE": Text(en="sequence", ja="シーケンス"),
    "OBJECT_TYPE": Text(en="type", ja="型"),
    "OBJECT_DOMAIN": Text(en="domain", ja="ドメイン"),
    "OBJECT_FUNCTION": Text(en="function", ja="関数"),
    "OBJECT_PROCEDURE": Text(en="procedure", ja="プロシージャ"),
    "OBJECT_ROUTINE": Text(en="routine", ja="ルーチン"),
    "OBJECT_TRIGGER": Text(en="trigger", ja="トリガー"),
    "OBJECT_POLICY": Text(en="policy", ja="ポリシー"),
    "OBJECT_EXTENSION": Text(en="extension", ja="拡張機能"),
    "OBJECT_SCHEMA": Text(en="schema", ja="スキーマ"),
}
_OTHER = Text(en="object", ja="オブジェクト")
_CONCURRENTLY = Text(
    en="drop index {name} while reads and writes go on", ja="インデックス {name} を読み書きを止めずに削除"
)


# -- what takes each kind back ----------------------------------------------------------------------------------------------


def _table(object: Any, scene: Scene) -> Undo:
    name = scene.dotted(words(object))
    live, table = scene.live(name), scene.table(name)
    if live is None:
        return scene.stories.of("table", str(name))
    return definitions.table(table, scene) if table and live.pages == 0 else None


def _view(object: Any, scene: Scene) -> Undo:
    name = scene.dotted(words(object))
    live = scene.live(name)
    if live is None:
        return scene.stories.of("view", str(name))
    indexes = (s for index in scene.indexes_of(name) for s in definitions.index(index))
    return (*definitions.view(live), *indexes)


def _index(object: Any, scene: Scene) -> Undo:
    index = scene.index(scene.dotted(words(object)))
    if index and index.definition:
        return definitions.index(index)
    return scene.stories.of("index", str(scene.dotted(words(object))))


def _sequence(object: Any, scene: Scene) -> Undo:
    return scene.stories.of("sequence", str(scene.dotted(words(object))))


def _type(object: Any, scene: Scene) -> Undo:
    name = scene.dotted_type(words(object))
    live = scene.catalog.types.get(name)
    return scene.stories.of("type", str(name)) or (definitions.type_(live) if live else None)


def _function(object: Any, scene: Scene) -> Undo:
    named = object.object_with_args
    name, types = scene.new(strings(named.objname)), [each.type_name for each in named.objargs]
    if story := scene.stories.of("function", signature(name, types)):
        return story[-1:]
    live = routine(name, None if named.args_unspecified else types, scene)
    return definitions.routine(live) if live else None


def _trigger(object: Any, scene: Scene) -> Undo:
    *table, name = words(object)
    on = scene.dotted(table)
    live = trigger(on, name, scene)
    return scene.stories.of("trigger", below(on, name)) or (definitions.trigger(live) if live else None)


def _policy(object: Any, scene: Scene) -> Undo:
    *table, name = words(object)
    on = scene.dotted(table)
    live = policy(on, name, scene)
    return scene.stories.of("policy", below(on, name)) or (definitions.policy(live) if live else None)


def _extension(object: Any, scene: Scene) -> Undo:
    (name,) = words(object)
    live = scene.catalog.extensions.get(name)
    return scene.stories.of("extension", name) or (definitions.extension(live) if live else None)


def _schema(object: Any, scene: Scene) -> Undo:
    (name,) = words(object)
    return scene.stories.of("schema", name) or (composed("CREATE SCHEMA {name}", name=name),)


_UNDOS: dict[str, Callable[[Any, Scene], Undo]] = {
    "OBJECT_TABLE": _table,
    "OBJECT_VIEW": _view,
    "OBJECT_MATVIEW": _view,
    "OBJECT_INDEX": _index,
    "OBJECT_SEQUENCE": _sequence,
    "OBJECT_TYPE": _type,
    "OBJECT_DOMAIN": _type,
    "OBJECT_FUNCTION": _function,
    "OBJECT_PROCEDURE": _function,
    "OBJECT_ROUTINE": _function,
    "OBJECT_TRIGGER": _trigger,
    "OBJECT_POLICY": _policy,
    "OBJECT_EXTENSION": _extension,
    "OBJECT_SCHEMA": _schema,
}


def _undo(node: Any, scene: Scene) -> Undo:
    """In reverse order; None with CASCADE, which may have taken what is not named."""
    find = _UNDOS.get(choice(node, "remove_type"))
    there = [object for object in node.objects if not gone(node, object, scene)]
    if not there:
        return ()
    if find is None or choice(node, "behavior") == "DROP_CASCADE":
        return None
    undone: list[str] = []
    for object in reversed(there):
        back = find(object, scene)
        if back is None:
            return None
        undone += back
    return tuple(undone)


# -- what is there ------------------------------------------------------------------------------------------------------------


def gone(node: Any, object: Any, scene: Scene) -> bool:
    """Whether IF EXISTS finds nothing of that name."""
    if not node.missing_ok or scene.foggy:
        return False
    kind, parts = choice(node, "remove_type"), words(object)
    if kind in ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE"):
        return not scene.exists(scene.dotted(parts))
    if kind == "OBJECT_TRIGGER":
        on = scene.dotted(parts[:-1])
        return trigger(on, parts[-1], scene) is None and scene.stories.of("trigger", below(on, parts[-1])) is None
    if kind == "OBJECT_FUNCTION" and parts[0] == "watari":
        # the catalog leaves out watari's own schema: what fills a new column is there as long as its trigger is
        return not any(found.function == str(Name(*parts)) for found in scene.catalog.triggers)
    return False


def _no_op(node: Any, scene: Scene) -> bool:
    return all(gone(node, object, scene) for object in node.objects)


_RELATIONS = {
    "OBJECT_TABLE": "table",
    "OBJECT_FOREIGN_TABLE": "table",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "view",
}


def _happens(node: Any, scene: Scene, text: str) -> None:
    kind = choice(node, "remove_type")
    for object in node.objects:
        if gone(node, object, scene):
            continue
        parts = words(object)
        if kind in _RELATIONS:
            _relation_happens(scene.dotted(parts), _RELATIONS[kind], scene)
        elif kind == "OBJECT_INDEX":
            scene.remove_index(scene.dotted(parts))
        elif kind == "OBJECT_SEQUENCE":
            scene.remove_other(scene.dotted(parts), "sequence")
        elif kind in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
            scene.remove_other(scene.dotted_type(parts), "type")
        else:
            _other_happens(kind, parts, scene)


def _relation_happens(name: Name, kind: str, scene: Scene) -> None:
    for constraint in scene.referencing(name):  # with CASCADE they go; without, the statement fails
        if constraint.table != name:
            scene.remove_constraint(constraint.table, constraint.name)
    scene.remove(name, kind)


def _other_happens(kind: str, parts: tuple[str, ...], scene: Scene) -> None:
    if kind in ("OBJECT_TRIGGER", "OBJECT_POLICY"):
        part, place = kind.removeprefix("OBJECT_").lower(), below(scene.dotted(parts[:-1]), parts[-1])
        scene.stories.forget(part, place)
        scene.expect(part, place, "absent")
    elif kind in ("OBJECT_SCHEMA", "OBJECT_EXTENSION"):
        whole = kind.removeprefix("OBJECT_").lower()
        scene.stories.forget(whole, parts[-1])
        scene.expect(whole, parts[-1], "absent")
    elif kind in ("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"):
        scene.expected.pop(("function", str(scene.new(parts))), None)  # another one may have the same name


def _names(node: Any) -> Iterator[str]:
    return (".".join(words(object)) for object in node.objects)


def _words(node: Any) -> Any:
    if node.concurrent:
        return _CONCURRENTLY(name=", ".join(_names(node)))
    return _DROP(kind=_KINDS.get(choice(node, "remove_type"), _OTHER)(), name=", ".join(_names(node)))


KINDS = (Kind(nodes=("drop_stmt",), words=_words, undo=_undo, happens=_happens, phase=contract, no_op=_no_op),)
