"""REFRESH MATERIALIZED VIEW: readers wait for the whole query."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.sql.compose import composed

CARD = Card(
    id="rewrite-matview",
    title=Text(
        en="REFRESH closes the materialised view for its whole query",
        ja="REFRESH の間マテリアライズドビューが参照できない",
    ),
    condition=Text(
        en="REFRESH MATERIALIZED VIEW without CONCURRENTLY of a view that is in use",
        ja="使用中のマテリアライズドビューを CONCURRENTLY なしで REFRESH する場合",
    ),
    harm=Text(
        en="Readers of the view wait until its query has ended.",
        ja="クエリが終わるまで、ビューの参照が待たされます。",
    ),
    fact="ACCESS EXCLUSIVE; with CONCURRENTLY EXCLUSIVE, measured on 15 and 18",
    safer=Text(
        en="A unique index without a predicate on the view, then REFRESH … CONCURRENTLY.",
        ja="条件なしの一意インデックスをビューに作成し、REFRESH … CONCURRENTLY を実行します。",
    ),
)
WHYS = (Why.REFRESH,)

_MESSAGE = Text(
    en="While {table} is filled anew, {who} of it wait {lasting} ({amount}).",
    ja="{table} の更新中、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str:
    return composed("REFRESH MATERIALIZED VIEW CONCURRENTLY {view};", view=situation.target)
