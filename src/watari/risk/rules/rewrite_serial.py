"""ADD COLUMN serial or identity: every row gets a number, the table is written anew."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="rewrite-serial",
    title=Text(
        en="A serial or identity column writes the table anew",
        ja="serial / IDENTITY カラムの追加でテーブルが書き直される",
    ),
    condition=Text(
        en="ADD COLUMN serial, bigserial or GENERATED AS IDENTITY on a table that holds rows",
        ja="データのあるテーブルに serial・bigserial・GENERATED AS IDENTITY のカラムを追加する場合",
    ),
    harm=Text(
        en="Readers and writers wait until the table and all its indexes are written.",
        ja="テーブルと全インデックスの書き直しが終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE, new files, measured on 15 and 18",
    safer=Text(
        en="A sequence, the column with SET DEFAULT nextval(…) in one statement, a backfill in batches, then "
        "NOT NULL by proof.",
        ja="シーケンスを作成し、カラム追加と SET DEFAULT nextval(…) を 1 つの文で行い、段階的に埋めた後に "
        "NOT NULL を検証します。",
    ),
)
WHYS = (Why.SERIAL,)

_MESSAGE = Text(
    en="Every row gets a number for {detail}, so {table} is written anew: {who} wait {lasting} ({amount}).",
    ja="{detail} の採番のため {table} が書き直され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
