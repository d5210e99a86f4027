"""ADD COLUMN with a default that differs from row to row: the table is written anew while everybody waits."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import default_apart

CARD = Card(
    id="rewrite-volatile-default",
    title=Text(
        en="A default that differs from row to row writes the table anew",
        ja="行ごとに異なるデフォルト値でテーブルが書き直される",
    ),
    condition=Text(
        en="ADD COLUMN with a volatile DEFAULT: random(), gen_random_uuid(), clock_timestamp(), nextval()",
        ja="random()・gen_random_uuid()・clock_timestamp()・nextval() など、揮発性のデフォルト値を持つ ADD "
        "COLUMN の場合",
    ),
    harm=Text(
        en="Readers and writers wait until the table and all its indexes are written. now() and constants do "
        "no such thing.",
        ja="テーブルと全インデックスの書き直しが終わるまで、読み書きがすべて待たされます。now() や定数では起きません。",
    ),
    fact="ACCESS EXCLUSIVE, new files; after inlining of simple SQL functions, measured on 15 and 18",
    safer=Text(
        en="ADD COLUMN and SET DEFAULT in one statement (a moment), then fill the rows that are there in batches.",
        ja="ADD COLUMN と SET DEFAULT を 1 つの文で行い（一瞬）、既存の行は段階的に埋めます。",
    ),
)
WHYS = (Why.VOLATILE_DEFAULT,)

_MESSAGE = Text(
    en="Every row gets a value of its own for {detail}, so {table} is written anew: {who} wait {lasting} ({amount}).",
    ja="{detail} に行ごとの値を入れるため {table} が書き直され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str | None:
    return default_apart(situation, cause.detail)
