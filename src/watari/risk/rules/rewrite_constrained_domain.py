"""ADD COLUMN of a domain that restricts: the table is written anew, also without a default."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="rewrite-constrained-domain",
    title=Text(
        en="A column of a restricted domain writes the table anew",
        ja="制約付きドメインのカラム追加でテーブルが書き直される",
    ),
    condition=Text(
        en="ADD COLUMN of a domain with a CHECK or NOT NULL on a table that holds rows",
        ja="データのあるテーブルに、CHECK や NOT NULL を持つドメイン型のカラムを追加する場合",
    ),
    harm=Text(
        en="Readers and writers wait until the table and all its indexes are written.",
        ja="テーブルと全インデックスの書き直しが終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE, new files, measured on 15 and 18",
    safer=Text(
        en="The base type, and the restriction as a CHECK: NOT VALID, then VALIDATE.",
        ja="基底型のカラムを追加し、制約は CHECK として NOT VALID で追加してから VALIDATE します。",
    ),
)
WHYS = (Why.DOMAIN,)

_MESSAGE = Text(
    en="The domain of {detail} is checked for every row, so {table} is written anew: {who} wait {lasting} ({amount}).",
    ja="{detail} のドメイン制約のため {table} が書き直され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
