"""A plan as canonical JSON and back: one text for one plan, so that its hash is the plan's name.

Canonical means: UTF-8, keys sorted, no blanks, every field written, lock modes by PostgreSQL's own names. A file that was
laid out anew or whose keys were sorted otherwise (by `jq`, by an editor) is still the same plan.
"""

from __future__ import annotations

import hashlib
from typing import Any

from watari.catalog.locks import LockMode
from watari.errors.usage import PlanDamaged, PlanVersion
from watari.locale import Text
from watari.planning.plan import Plan
from watari.values import replace

__all__ = ["VERSION", "dumps", "loads", "sealed"]

#: The plan format that this watari writes and reads.
VERSION = 1

_EMPTY = Text(en="it is empty", ja="ファイルが空です")
_CUT_SHORT = Text(en="it ends in the middle", ja="途中で切れています")
_NOT_JSON = Text(en="it is not JSON: {reason}", ja="JSON として読み取れません: {reason}")
_NOT_A_PLAN = Text(en="it is not a plan: {reason}", ja="計画の形式ではありません: {reason}")
_CHANGED = Text(
    en="its content does not match its SHA-256 {sha256}",
    ja="内容が記録された SHA-256 {sha256} と一致しません",
)


def dumps(plan: Plan) -> bytes:
    """The canonical JSON of a plan, one line; `loads` gives the same plan."""
    return _encoded(_content(plan)) + b"\n"


def sealed(plan: Plan) -> Plan:
    """The plan with the SHA-256 of its canonical JSON, everything but `sha256` itself."""
    return replace(plan, sha256=_sha256(_content(plan)))


def loads(data: bytes) -> Plan:
    """The plan of a file.

    Raises `PlanVersion` where another watari wrote it in a format that this one does not know, `PlanDamaged` where it is no
    plan or was changed since.
    """
    import msgspec

    try:
        content = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as reason:
        cut = _CUT_SHORT() if "truncated" in str(reason) else _NOT_JSON(reason=reason)
        raise PlanDamaged(reason=cut if data.strip() else _EMPTY()) from reason
    if not isinstance(content, dict) or not isinstance(content.get("version"), int):
        raise PlanDamaged(reason=_NOT_A_PLAN(reason="version"))
    if content["version"] != VERSION:
        raise PlanVersion(version=content["version"], known=VERSION)
    if content.get("sha256") != _sha256(content):
        raise PlanDamaged(reason=_CHANGED(sha256=str(content.get("sha256"))[:12]))
    try:
        return msgspec.convert(_with_lock_numbers(content), Plan)
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError) as reason:
        raise PlanDamaged(reason=_NOT_A_PLAN(reason=reason)) from reason


def _content(plan: Plan) -> dict[str, Any]:
    import msgspec

    content: dict[str, Any] = msgspec.to_builtins(plan)
    for effect in _effects(content):
        if effect["lock"] is not None:
            effect["lock"] = str(LockMode(effect["lock"]))
    return content


def _with_lock_numbers(content: dict[str, Any]) -> dict[str, Any]:
    for effect in _effects(content):
        if effect.get("lock") is not None:
            effect["lock"] = int(LockMode.of(effect["lock"]))
    return content


def _effects(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [effect for step in content["steps"] for effect in step["effects"]]


def _sha256(content: dict[str, Any]) -> str:
    rest = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(_encoded(rest)).hexdigest()


def _encoded(content: dict[str, Any]) -> bytes:
    import msgspec

    return msgspec.json.encode(content, order="sorted")
