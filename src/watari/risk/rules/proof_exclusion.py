"""ADD EXCLUDE: the table is closed while the index is built and every pair is compared."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="proof-exclusion",
    title=Text(
        en="An exclusion constraint is built while the table is closed",
        ja="排他制約の作成中にテーブル全体が止まる",
    ),
    condition=Text(
        en="ADD CONSTRAINT … EXCLUDE on a table that holds rows",
        ja="データのあるテーブルに EXCLUDE 制約を追加する場合",
    ),
    harm=Text(
        en="Readers and writers wait; the build takes far longer than that of a plain index.",
        ja="通常のインデックスよりはるかに長い作成時間の間、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE, 7 s for 200,000 ranges, measured on 15 and 18; there is no online form",
    safer=Text(
        en="A new table with the constraint, filled in batches and swapped in; or a maintenance window.",
        ja="制約付きの新しいテーブルに段階的に移して切り替えるか、メンテナンスウィンドウで実行します。",
    ),
)
WHYS = (Why.EXCLUSION,)

_MESSAGE = Text(
    en="While {detail} is built, {who} of {table} wait {lasting} ({amount}).",
    ja="{detail} の作成中、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
