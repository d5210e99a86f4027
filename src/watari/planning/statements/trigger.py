"""CREATE TRIGGER, row level security policies, and rules."""

from __future__ import annotations

from typing import Any, LiteralString

from watari.catalog import Name, Policy, Trigger
from watari.locale import Text
from watari.planning import definitions
from watari.planning.kind import Kind, Undo, migrate
from watari.planning.naming import below
from watari.planning.scene import Scene
from watari.sql.compose import composed

_TRIGGER = Text(en="create trigger {name} on {table}", ja="{table} にトリガー {name} を作成")
_POLICY = Text(en="create policy {name} on {table}", ja="{table} にポリシー {name} を作成")
_CHANGE_POLICY = Text(en="change policy {name} on {table}", ja="{table} のポリシー {name} を変更")
_RULE = Text(en="create rule {name} on {table}", ja="{table} にルール {name} を作成")

DROP_TRIGGER: LiteralString = "DROP TRIGGER {name} ON {table}"
DROP_POLICY: LiteralString = "DROP POLICY {name} ON {table}"


def trigger(table: Name, name: str, scene: Scene) -> Trigger | None:
    """The live trigger of this name."""
    return next((found for found in scene.triggers_of(table) if found.name == name), None)


def policy(table: Name, name: str, scene: Scene) -> Policy | None:
    """The live policy of this name."""
    live = scene.live_name(table)
    return next((found for found in scene.catalog.policies if found.table == live and found.name == name), None)


def _undo(node: Any, scene: Scene) -> Undo:
    table = scene.name_of(node.relation)
    drop = composed(DROP_TRIGGER, name=node.trigname, table=table)
    if not node.replace:
        return (drop,)
    if story := scene.stories.of("trigger", below(table, node.trigname)):
        return (drop, story[-1])
    old = trigger(table, node.trigname, scene)
    return (drop, *definitions.trigger(old)) if old else (drop,)


def _happens(node: Any, scene: Scene, text: str) -> None:
    place = below(scene.name_of(node.relation), node.trigname)
    scene.stories.tell("trigger", place, text)
    scene.expect("trigger", place, "present")


def _undo_policy(node: Any, scene: Scene) -> Undo:
    return (composed(DROP_POLICY, name=node.policy_name, table=scene.name_of(node.table)),)


def _policy_happens(node: Any, scene: Scene, text: str) -> None:
    place = below(scene.name_of(node.table), node.policy_name)
    scene.stories.tell("policy", place, text)
    scene.expect("policy", place, "present")


def _undo_policy_change(node: Any, scene: Scene) -> Undo:
    table = scene.name_of(node.table)
    old = policy(table, node.policy_name, scene)
    if old is None:
        return None
    return (composed(DROP_POLICY, name=old.name, table=table), *definitions.policy(old))


def _undo_rule(node: Any, scene: Scene) -> Undo:
    if node.replace:
        return None
    return (composed("DROP RULE {name} ON {table}", name=node.rulename, table=scene.name_of(node.relation)),)


KINDS = (
    Kind(
        nodes=("create_trig_stmt",),
        words=lambda node: _TRIGGER(name=node.trigname, table=node.relation.relname),
        undo=_undo,
        happens=_happens,
    ),
    Kind(
        nodes=("create_policy_stmt",),
        words=lambda node: _POLICY(name=node.policy_name, table=node.table.relname),
        undo=_undo_policy,
        happens=_policy_happens,
    ),
    Kind(
        nodes=("alter_policy_stmt",),
        words=lambda node: _CHANGE_POLICY(name=node.policy_name, table=node.table.relname),
        undo=_undo_policy_change,
        phase=migrate,
    ),
    Kind(
        nodes=("rule_stmt",),
        words=lambda node: _RULE(name=node.rulename, table=node.relation.relname),
        undo=_undo_rule,
        phase=migrate,
    ),
)
