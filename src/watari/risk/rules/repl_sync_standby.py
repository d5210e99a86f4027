"""Every commit of the step waits for a synchronous standby."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import duration
from watari.risk.situation import Situation

CARD = Card(
    id="repl-sync-standby",
    title=Text(
        en="Commits wait for a synchronous standby",
        ja="コミットが同期スタンバイを待つ",
    ),
    condition=Text(
        en="a statement that changes something, while synchronous_standby_names is set and no such standby is there or it is behind",
        ja="synchronous_standby_names が設定されているのに、該当スタンバイが不在または遅れている間に変更を行う場合",
    ),
    harm=Text(
        en="Each commit waits until the standby has it, with its locks held: without a standby for ever, whatever lock_timeout says.",
        ja="コミットのたびにスタンバイの応答をロックを保持したまま待ちます。不在の場合は lock_timeout に関係なく永久に待ちます。",
    ),
    fact="manual, synchronous_standby_names; a commit without its standby waited (wait_event SyncRep), measured on 15 and 18",
    safer=Text(
        en="Bring the standby back first, or take it off the list and reload.",
        ja="先にスタンバイを復旧させるか、設定から外して再読み込みします。",
    ),
    level=Level.BLOCK,
)
KINDS = ("*",)

_MESSAGE = Text(
    en="{names} is to confirm every commit and no such standby is connected: the commit never ends, and what it locked stays locked.",
    ja="コミットの確認に必要なスタンバイ {names} が接続されていません。コミットは終わらず、ロックも解放されません。",
)
_LATE = Text(
    en="{names} confirms every commit and is {age} behind: each commit waits that long, with its locks held.",
    ja="コミットを確認する {names} が {age}遅れています。コミットのたびにロックを保持したままその時間待ちます。",
)


#: A synchronous standby that is so many seconds behind makes each commit slow.
_BEHIND = 1.0


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard a migration, at the first statement that changes something."""
    catalog = situation.world.catalog
    names = catalog.settings.get("synchronous_standby_names", "") if catalog else ""
    if not names or catalog is None or catalog.cluster is None or not _is_first(situation):
        return
    if catalog.settings.get("synchronous_commit") in ("off", "local"):
        return
    standbys = [standby for standby in catalog.cluster.standbys if standby.synchronous]
    behind = max((standby.behind or 0.0 for standby in standbys), default=0.0)
    if not standbys:
        yield situation.hazard(CARD, Level.BLOCK, names, _MESSAGE(names=names), facts={"names": names})
    elif behind >= _BEHIND:
        who = ", ".join(standby.name for standby in standbys)
        facts = {"names": names, "behind_seconds": round(behind, 1)}
        message = _LATE(names=who, age=duration(behind))
        yield situation.hazard(CARD, Level.WARN, names, message, facts=facts)


def _is_first(situation: Situation) -> bool:
    before = situation.unit.statements[: situation.place]
    return situation.kind not in _QUIET and all(statement.kind in _QUIET for statement in before)


_QUIET = frozenset({"transaction_stmt", "variable_set_stmt", "variable_show_stmt", "select_stmt", "explain_stmt"})
