"""LOCK TABLE in a migration: everything behind it waits until the transaction ends."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import who
from watari.risk.situation import Situation

CARD = Card(
    id="wait-explicit-lock",
    title=Text(
        en="LOCK TABLE holds others up until the end of the transaction",
        ja="LOCK TABLE がトランザクション終了まで他を待たせる",
    ),
    condition=Text(
        en="LOCK TABLE in a mode that stops readers or writers of a table that was there before",
        ja="既存テーブルの読み書きを止めるモードで LOCK TABLE を実行する場合",
    ),
    harm=Text(
        en="Others wait from the request, even before it is granted, to the end of the transaction.",
        ja="ロックの取得前（待機中）から、トランザクションの終了まで他の処理が待たされます。",
    ),
    fact="a queued request stops what conflicts with it, measured on 15 and 18",
    safer=Text(
        en="A short lock_timeout with retries (watari has one), NOWAIT, and nothing slow afterwards.",
        ja="短い lock_timeout と再試行（watari が行います）、または NOWAIT "
        "を使い、後続に時間のかかる処理を置きません。",
    ),
)
KINDS = ("lock_stmt",)

_MESSAGE = Text(
    en="{who} of {table} wait from this request to the end of the transaction.",
    ja="この要求からトランザクション終了まで、{table} への{who}が待たされます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    mode = LockMode(situation.node.mode) if situation.node.mode else LockMode.ACCESS_EXCLUSIVE
    if mode < LockMode.SHARE:
        return
    for node in situation.node.relations:
        name = situation.name(node.range_var)
        if situation.old(name):
            facts = situation.size_facts(name) | {"lock": str(mode)}
            yield situation.hazard(CARD, Level.WARN, name, _MESSAGE(who=who(mode), table=name), facts=facts)
