"""ACCESS EXCLUSIVE for a moment: over as soon as it is granted, and until then everybody who comes later waits behind it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode, Name
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="wait-exclusive-moment",
    title=Text(en="A table is closed to everybody for a moment", ja="テーブルが一時的に全面ロックされる"),
    condition=Text(
        en="any statement that takes ACCESS EXCLUSIVE on a table or view that was there before, and of which no other rule speaks",
        ja="既存のテーブルやビューに ACCESS EXCLUSIVE ロックを取り、ほかのルールに該当しない文",
    ),
    harm=Text(
        en="While it waits for its lock behind one long query, every new query on the table waits behind it.",
        ja="実行中の長いクエリの後ろでロックを待つ間、そのテーブルへの新しいクエリもすべて待たされます。",
    ),
    fact="a queued ACCESS EXCLUSIVE request stopped a trivial SELECT that came after it, measured on 15 and 18",
    safer=Text(
        en="A short lock_timeout with retries, as watari's own runs have it; nothing slow later in the same transaction.",
        ja="短い lock_timeout と再試行（watari の実行では自動）。同じトランザクションの後続に遅い処理を置きません。",
    ),
    level=Level.INFO,
)
KINDS = ("* closes",)
LAST = True

_MESSAGE = Text(
    en="Closes {tables} to readers and writers for a moment; while it waits for that, whoever comes later waits behind it.",
    ja="{tables} を一時的に読み書きとも閉じます。このロックを待つ間、後から来たクエリも待たされます。",
)
_SHOWN = 3


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a statement."""
    closed = [
        str(name)
        for effect in situation.effects.effects
        if effect.lock is LockMode.ACCESS_EXCLUSIVE and not effect.created
        if (name := name_of(effect.relation)) is not None and _is_table(situation, name)
    ]
    if closed:
        shown = ", ".join(closed[:_SHOWN]) + (" …" if len(closed) > _SHOWN else "")
        yield situation.hazard(CARD, Level.INFO, closed[0], _MESSAGE(tables=shown), facts={"tables": closed})


def _is_table(situation: Situation, name: Name) -> bool:
    """Not an index and not a sequence; where nothing is known of it, it may be a table."""
    world = situation.world
    return world.index(name) is None and world.sequence(name) is None
