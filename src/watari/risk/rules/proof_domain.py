"""ALTER DOMAIN adds a restriction: every table that uses the domain is looked at while its writers wait."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="proof-domain",
    title=Text(
        en="A domain is restricted, and every table that uses it is looked at",
        ja="ドメインの制約追加で使用中の全テーブルが検証される",
    ),
    condition=Text(
        en="ALTER DOMAIN … ADD CONSTRAINT, SET NOT NULL or VALIDATE on a domain that columns have",
        ja="カラムで使われているドメインに ADD CONSTRAINT・SET NOT NULL・VALIDATE を実行する場合",
    ),
    harm=Text(
        en="Writers of every such table wait until all rows have been looked at; NOT VALID only puts that off.",
        ja="該当する全テーブルの検証が終わるまで、書き込みが待たされます。NOT VALID は先延ばしにしかなりません。",
    ),
    fact="SHARE on the tables and scans, measured on 15 and 18",
    safer=Text(
        en="Put the constraint on each column instead: NOT VALID, then VALIDATE.",
        ja="ドメインではなく各カラムに NOT VALID で制約を追加し、VALIDATE します。",
    ),
)
WHYS = (Why.DOMAIN_CONSTRAINT,)

_MESSAGE = Text(
    en="For domain {detail} the rows of {table} are looked at: {who} wait {lasting} ({amount}).",
    ja="ドメイン {detail} のために {table} の行が検証され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
