"""SET NOT NULL without a proof: the table is closed while every row is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import not_null

CARD = Card(
    id="proof-set-not-null",
    title=Text(
        en="SET NOT NULL looks at every row while the table is closed",
        ja="SET NOT NULL の検証中にテーブル全体が止まる",
    ),
    condition=Text(
        en="SET NOT NULL (or ADD … NOT NULL) on a column that no validated CHECK (column IS NOT NULL) proves",
        ja="検証済みの CHECK（カラム IS NOT NULL）がないカラムに SET NOT NULL を実行する場合",
    ),
    harm=Text(
        en="Readers and writers wait until every row has been looked at.",
        ja="全行の検証が終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE and a scan; none with a proof, measured on 15 and 18",
    safer=Text(
        en="Prove it first: a NOT VALID constraint, VALIDATE in a transaction of its own, then SET NOT NULL, "
        "which no longer looks.",
        ja="先に NOT VALID の制約を追加し、別のトランザクションで VALIDATE してから SET NOT NULL "
        "を実行すると、全行の検証は行われません。",
    ),
)
WHYS = (Why.NOT_NULL,)

_MESSAGE = Text(
    en="To make {detail} NOT NULL every row of {table} is looked at: {who} wait {lasting} ({amount}).",
    ja="{detail} を NOT NULL にするため {table} の全行が検証され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str:
    return not_null(situation, situation.target, cause.detail)
