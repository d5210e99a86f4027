"""ADD CHECK over rows that are there: the table is closed while every row is looked at."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import added_constraint

CARD = Card(
    id="proof-check",
    title=Text(
        en="A check looks at every row while the table is closed",
        ja="CHECK 制約の検証中にテーブル全体が止まる",
    ),
    condition=Text(
        en="ADD CONSTRAINT … CHECK without NOT VALID on a table that was there before and holds rows",
        ja="既存でデータのあるテーブルに NOT VALID なしで CHECK 制約を追加する場合",
    ),
    harm=Text(
        en="Readers and writers wait until every row has been looked at.",
        ja="全行の検証が終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE and a scan, measured on 15 and 18",
    safer=Text(
        en="ADD … NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own; count the rows that break it first.",
        ja="違反する行がないことを確認し、NOT VALID 付きで追加してから、別のトランザクションで VALIDATE "
        "CONSTRAINT を実行します。",
    ),
)
WHYS = (Why.CHECK,)

_MESSAGE = Text(
    en="While {detail} is checked, {who} of {table} wait {lasting} ({amount}).",
    ja="{detail} の検証中、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str | None:
    return added_constraint(situation, cause.detail, "CONSTR_CHECK")
