"""A change of many rows runs the triggers of each of them."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of

CARD = Card(
    id="data-trigger-fires",
    title=Text(en="A change of many rows runs their triggers", ja="大量の行の変更で行トリガーが動く"),
    condition=Text(
        en="UPDATE or DELETE of a large table that has row triggers",
        ja="行トリガーのある大きなテーブルの UPDATE・DELETE の場合",
    ),
    harm=Text(
        en=(
            "Audit rows, notifications and updated_at happen for every row, and the statement takes "
            "several times as long."
        ),
        ja="監査行・通知・updated_at の更新が行ごとに行われ、実行時間も数倍になります。",
    ),
    fact=(
        "a BEFORE trigger 1.1–1.7 times, an AFTER trigger that writes elsewhere 1.8–3.4 times the "
        "time, measured on 15 and 18"
    ),
    safer=Text(
        en=(
            "Decide for each trigger whether it is meant to run; a function that returns early for "
            "the session of the backfill."
        ),
        ja=("トリガーごとに動かすべきか判断し、不要ならバックフィルのセッションだけ早期に RETURN させます。"),
    ),
)
KINDS = (
    "update_stmt",
    "delete_stmt",
)

_MESSAGE = Text(
    en="{names} runs for every row of {table} that is changed ({amount}).",
    ja="{table} の変更対象の行（{amount}）ごとに {names} が動きます。",
)


_EVENTS = {"update_stmt": "UPDATE", "delete_stmt": "DELETE"}


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    table = table_of(situation, situation.target)
    if table is None or not situation.is_large(table) or not any(c.why is Why.ROWS for c in situation.causes):
        return
    event = _EVENTS[situation.kind]
    names = [
        trigger.name
        for trigger in situation.world.triggers_of(table.name)
        if "FOR EACH ROW" in trigger.definition and event in trigger.definition and trigger.enabled != "D"
    ]
    if names:
        facts = situation.size_facts(table.name) | {"triggers": names}
        message = _MESSAGE(names=", ".join(names), table=table.name, amount=amount(facts))
        yield situation.hazard(CARD, Level.WARN, table.name, message, facts=facts)
