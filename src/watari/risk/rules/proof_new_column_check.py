"""ADD COLUMN with a CHECK: every row is looked at although the column is new."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="proof-new-column-check",
    title=Text(en="A check on a new column looks at every row", ja="新規カラムの CHECK でも全行が検証される"),
    condition=Text(
        en="ADD COLUMN … CHECK on a table that was there before and holds rows, also without a default",
        ja="既存でデータのあるテーブルに CHECK 付きの ADD COLUMN を実行する場合（デフォルト値がなくても該当）",
    ),
    harm=Text(
        en="Readers and writers wait until every row has been looked at.",
        ja="全行の検証が終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE and a scan, measured on 15 and 18",
    safer=Text(
        en="Add the column alone, then the check NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own.",
        ja="カラムだけを先に追加し、CHECK は NOT VALID 付きで追加してから、別のトランザクションで VALIDATE "
        "CONSTRAINT を実行します。",
    ),
)
WHYS = (Why.NEW_CHECK,)

_MESSAGE = Text(
    en="The check on the new column {detail} looks at every row of {table}: {who} wait {lasting} ({amount}).",
    ja="新規カラム {detail} の CHECK で {table} の全行が検証され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
