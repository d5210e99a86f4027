"""ADD UNIQUE: the table is closed while the index is built."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import key_through_index

CARD = Card(
    id="proof-unique",
    title=Text(
        en="A unique constraint builds its index while the table is closed",
        ja="一意制約のインデックス作成中にテーブル全体が止まる",
    ),
    condition=Text(
        en="ADD UNIQUE, or ADD COLUMN … UNIQUE, on a table that was there before and holds rows",
        ja="既存でデータのあるテーブルに ADD UNIQUE、または UNIQUE 付きの ADD COLUMN を実行する場合",
    ),
    harm=Text(
        en="Readers and writers wait for the whole build.",
        ja="インデックスの作成が終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE and a scan, measured on 15 and 18",
    safer=Text(
        en="CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE USING INDEX (a moment).",
        ja="CREATE UNIQUE INDEX CONCURRENTLY の後、ADD CONSTRAINT … UNIQUE USING INDEX で制約にします（一瞬）。",
    ),
)
WHYS = (Why.UNIQUE,)

_MESSAGE = Text(
    en="While the index of {detail} is built, {who} of {table} wait {lasting} ({amount}).",
    ja="{detail} のインデックス作成中、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str | None:
    return key_through_index(situation, cause.detail, "CONSTR_UNIQUE")
