"""Statements that refuse a transaction, as the team wrote them: what is sent, and how to tell whether it happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watari.planning.plan import Settle
from watari.planning.rewrites.index import concurrently
from watari.planning.scene import Scene
from watari.planning.statements.create_index import name_of, there
from watari.planning.statements.drop import gone
from watari.planning.trees import words
from watari.values import dataclass

__all__ = ["Alone", "standing_alone"]


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What is sent, and the question that settles it."""

    text: str
    settle: Settle


def standing_alone(kind: str, node: Any, text: str, scene: Scene) -> Alone | None:
    """How a statement that refuses a transaction is run; None where nothing is left to do."""
    if kind == "index_stmt":
        return _index(node, text, scene)
    if kind == "drop_stmt":
        object = node.objects[0]
        if gone(node, object, scene):
            return None
        name = scene.dotted(words(object))
        index = scene.index(name)
        table = str(index.table) if index else None
        return Alone(text=text, settle=Settle(kind="index_absent", relation=str(name), table=table))
    return Alone(text=text, settle=_OTHERS.get(kind, _again)(node, scene))


def _again(node: Any, scene: Scene) -> Settle:
    return Settle(kind="again", relation=_relation(node, scene))


def _relation(node: Any, scene: Scene) -> str:
    named = hasattr(node, "relation") and node.relation.relname
    return str(scene.name_of(node.relation)) if named else ""


def _altered(node: Any, scene: Scene) -> Settle:
    """A concurrent detach stands alone in its statement."""
    part = scene.name_of(getattr(node.cmds[0].alter_table_cmd, "def").partition_cmd.name)
    return Settle(kind="partition_detached", relation=str(part), table=_relation(node, scene))


def _reindexed(node: Any, scene: Scene) -> Settle:
    return Settle(kind="reindexed", relation=_relation(node, scene))


def _object(settle: str, kind: str, field: str) -> Callable[[Any, Scene], Settle]:
    return lambda node, scene: Settle(kind=settle, relation=str(getattr(node, field)), table=kind)


_OTHERS: dict[str, Callable[[Any, Scene], Settle]] = {
    "alter_table_stmt": _altered,
    "reindex_stmt": _reindexed,
    "create_table_space_stmt": _object("object_exists", "tablespace", "tablespacename"),
    "drop_table_space_stmt": _object("object_absent", "tablespace", "tablespacename"),
    "create_subscription_stmt": _object("object_exists", "subscription", "subname"),
    "drop_subscription_stmt": _object("object_absent", "subscription", "subname"),
    "createdb_stmt": _object("object_exists", "database", "dbname"),
    "dropdb_stmt": _object("object_absent", "database", "dbname"),
}


def _index(node: Any, text: str, scene: Scene) -> Alone | None:
    name, table = name_of(node, scene), scene.name_of(node.relation)
    index = scene.index(name)
    if there(node, scene) and (index is None or index.valid):
        return None
    if not node.idxname:
        # without its name nobody could tell afterwards whether it is there
        text = concurrently(node, name, table).sql[0]
    return Alone(text=text, settle=Settle(kind="index_valid", relation=str(name), table=str(table)))
