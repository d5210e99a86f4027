"""More locks than the server has room for."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="wait-lock-table-full",
    title=Text(en="The lock table of the server is too small for this", ja="ロックテーブルの容量が足りない"),
    condition=Text(
        en=("a statement that locks more relations than max_locks_per_transaction × connections allows"),
        ja="max_locks_per_transaction × 接続数の上限を超える数のリレーションをロックする文の場合",
    ),
    harm=Text(
        en=("It fails with 53200 after most of the work, and other sessions fail for want of room too."),
        ja="処理の大半が終わった後に 53200 で失敗し、他のセッションもロックを取れなくなります。",
    ),
    fact="CREATE INDEX over 7000 partitions failed with 53200, measured on 15 and 18",
    safer=Text(en="Partition by partition.", ja="パーティションごとに分けて実行します。"),
    level=Level.BLOCK,
)
KINDS = (
    "alter_table_stmt",
    "index_stmt",
)

_MESSAGE = Text(
    en=("This takes {count} locks, and the server has room for {room} of all sessions together (53200)."),
    ja=("この文は {count} 個のロックを取ります。サーバーの容量は全セッション合計で {room} 個です（53200）。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    catalog = situation.world.catalog
    settings = catalog.settings if catalog else {}
    names = ("max_locks_per_transaction", "max_connections", "max_prepared_transactions")
    numbers = [int(value) for name in names if (value := settings.get(name, "")).isdigit()]
    if len(numbers) != len(names):
        return
    room = numbers[0] * (numbers[1] + numbers[2])
    locks = sum(effect.lock is not None for effect in situation.effects.effects)
    if locks > room * _SHARE:
        facts = {"locks": locks, "room": room}
        level = Level.BLOCK if locks > room else Level.WARN
        yield situation.hazard(
            CARD, level, situation.target, _MESSAGE(count=f"{locks:,}", room=f"{room:,}"), facts=facts
        )


#: The share of the room from which on it is told: other sessions need locks too.
_SHARE = 0.5
