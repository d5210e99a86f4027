"""A type change that is free, of a column with a CHECK or a foreign key: every row is looked at again."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="rewrite-recheck",
    title=Text(en="A type change checks a constraint again", ja="型変更で制約が再検証される"),
    condition=Text(
        en="ALTER COLUMN TYPE of a column that a CHECK mentions or that has a foreign key",
        ja="CHECK 制約や外部キーのあるカラムの型を変更する場合",
    ),
    harm=Text(
        en="Readers and writers wait until every row has been looked at.",
        ja="全行の再検証が終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE and a scan, measured on 15 and 18",
    safer=Text(
        en="In one statement: drop the constraint, change the type, add the constraint NOT VALID; then VALIDATE alone.",
        ja="1 つの文で制約の削除・型変更・NOT VALID での再追加を行い、VALIDATE は別に実行します。",
    ),
)
WHYS = (
    Why.TYPE_CHECK,
    Why.TYPE_KEY,
)

_MESSAGE = Text(
    en="The constraint {detail} looks at every row again: {who} of {table} wait {lasting} ({amount}).",
    ja="制約 {detail} が全行で再検証され、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
