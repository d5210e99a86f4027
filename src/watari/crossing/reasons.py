"""Why a migration goes back by one way and not by another, in words for the person who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watari.locale import Message, Text

if TYPE_CHECKING:
    from watari.catalog import Catalog
    from watari.planning.way_back import Crossed
    from watari.project.policy import Policy

_KEPT = Text(
    en="{migration}: what it took away is still kept ({places}), and is put back.",
    ja="{migration}: 保持しているもの（{places}）を元に戻します。",
)
_UNDO = Text(
    en="{migration}: by the undo that its plan noted; {because}.",
    ja="{migration}: 計画に記録された undo で戻します（{because}）。",
)
_NO_DOWN = Text(en="it has no down script", ja="down スクリプトなし")
_PREFERRED = Text(en="the policy prefers that to its down script", ja="ポリシーの優先順位による")
_HALF = Text(
    en="it was left half-way, where a down script does not fit", ja="途中で停止しており down スクリプトは使えません"
)
_DOWN = Text(en="{migration}: by its down script.", ja="{migration}: down スクリプトで戻します。")
_DOWN_IN_SPITE = Text(
    en="{migration}: by its down script, although what it took away is still kept ({places}): step {step} cannot be undone. What "
    "the script makes again and is kept comes back as it was.",
    ja="{migration}: ステップ {step} を取り消せないため、down スクリプトで戻します。保持しているもの（{places}）のうち、スクリプトが作り直すものは元の"
    "状態で戻します。",
)
_COMMAND = Text(en="{migration}: by the framework's own tool.", ja="{migration}: フレームワークのコマンドで戻します。")


def why(each: Crossed, way: str, catalog: Catalog, policy: Policy) -> Message:
    """One sentence about one migration that goes back by `way`."""
    from watari.planning.way_back import lasting

    name = each.migration.id
    (now,) = lasting([each], catalog)
    places = ", ".join(kept.place for step in now.steps if step.back for kept in step.keeps)
    if way == "undo" and places:
        return _KEPT(migration=name, places=places)
    if way == "undo":
        half = _NO_DOWN if each.migration.down is None else _PREFERRED
        return _UNDO(migration=name, because=(half if each.complete else _HALF)())
    if each.migration.down is None:
        return _COMMAND(migration=name)
    stuck = next((step for step in reversed(now.steps) if step.undo is None and (step.leaves or not step.back)), None)
    if places and stuck and "undo" in policy.ways_back:
        return _DOWN_IN_SPITE(migration=name, places=places, step=stuck.id)
    return _DOWN(migration=name)
