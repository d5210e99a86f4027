"""GRANT and REVOKE, of privileges and of roles, and default privileges: the opposite takes them back."""

from __future__ import annotations

from typing import Any

from watari.locale import Message, Text
from watari.planning.kind import Kind, Undo
from watari.planning.plan import Phase
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, parsed

_GRANT = Text(en="grant privileges", ja="権限を付与")
_REVOKE = Text(en="revoke privileges", ja="権限を剥奪")


def _opposite(node: Any, scene: Scene) -> Undo:
    whole = copied(parsed("GRANT SELECT ON t TO r"))
    whole.grant_stmt.CopyFrom(node)
    _turn(whole.grant_stmt)
    return (deparsed(whole),)


def _opposite_role(node: Any, scene: Scene) -> Undo:
    whole = copied(parsed("GRANT a TO b"))
    whole.grant_role_stmt.CopyFrom(node)
    whole.grant_role_stmt.is_grant = not node.is_grant
    del whole.grant_role_stmt.opt[:]
    return (deparsed(whole),)


def _opposite_default(node: Any, scene: Scene) -> Undo:
    whole = copied(parsed("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO r"))
    whole.alter_default_privileges_stmt.CopyFrom(node)
    _turn(whole.alter_default_privileges_stmt.action)
    return (deparsed(whole),)


def _turn(action: Any) -> None:
    if not action.is_grant and action.grant_option:
        action.is_grant = True  # only the option was revoked: it is given again with the privilege
        return
    action.is_grant = not action.is_grant
    action.grant_option = False


def _words(node: Any) -> Message:
    granted = node.action.is_grant if node.DESCRIPTOR.name == "AlterDefaultPrivilegesStmt" else node.is_grant
    return _GRANT() if granted else _REVOKE()


def _phase(node: Any, scene: Scene) -> Phase:
    granted = node.action.is_grant if node.DESCRIPTOR.name == "AlterDefaultPrivilegesStmt" else node.is_grant
    return Phase.EXPAND if granted else Phase.CONTRACT


KINDS = (
    Kind(nodes=("grant_stmt",), words=_words, undo=_opposite, phase=_phase),
    Kind(nodes=("grant_role_stmt",), words=_words, undo=_opposite_role, phase=_phase),
    Kind(nodes=("alter_default_privileges_stmt",), words=_words, undo=_opposite_default, phase=_phase),
)
