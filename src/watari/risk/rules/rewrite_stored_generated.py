"""ADD COLUMN … STORED, or another expression for one: the table is written anew."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="rewrite-stored-generated",
    title=Text(en="A stored generated column writes the table anew", ja="STORED 生成列でテーブルが書き直される"),
    condition=Text(
        en="ADD COLUMN … GENERATED ALWAYS AS (…) STORED, or SET EXPRESSION of one, on a table that holds rows",
        ja="データのあるテーブルに GENERATED ALWAYS AS (…) STORED のカラムを追加、または SET EXPRESSION を実行する場合",
    ),
    harm=Text(
        en="Readers and writers wait until the table and all its indexes are written.",
        ja="テーブルと全インデックスの書き直しが終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE, new files, measured on 15 and 18; VIRTUAL (18) is free",
    safer=Text(
        en="On 18 a VIRTUAL column; else a plain column, a trigger for INSERT and UPDATE, and a backfill.",
        ja="18 では VIRTUAL 列を使います。それ以前は通常のカラムに INSERT・UPDATE のトリガーを付け、段階的に埋めます。",
    ),
)
WHYS = (
    Why.STORED,
    Why.EXPRESSION,
)

_MESSAGE = Text(
    en="{detail} is worked out for every row, so {table} is written anew: {who} wait {lasting} ({amount}).",
    ja="{detail} を全行で計算するため {table} が書き直され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
