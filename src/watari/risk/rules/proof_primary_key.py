"""ADD PRIMARY KEY: the table is closed while the index is built and the columns are looked at."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import key_through_index

CARD = Card(
    id="proof-primary-key",
    title=Text(
        en="A primary key builds its index while the table is closed",
        ja="主キーのインデックス作成中にテーブル全体が止まる",
    ),
    condition=Text(
        en="ADD PRIMARY KEY without USING INDEX, or over a column that may be NULL, on a table that holds rows",
        ja="データのあるテーブルに USING INDEX なしで ADD PRIMARY KEY を実行する場合、または NULL "
        "を許すカラムを主キーにする場合",
    ),
    harm=Text(
        en="Readers and writers wait for the build, and for the look at every row where a column may be NULL.",
        ja="インデックスの作成（NULL を許すカラムでは全行の検証も）が終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE and scans, measured on 15 and 18",
    safer=Text(
        en="NOT NULL by proof, CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … PRIMARY KEY USING "
        "INDEX (a moment).",
        ja="先に NOT NULL を検証済みにし、CREATE UNIQUE INDEX CONCURRENTLY の後、ADD CONSTRAINT … PRIMARY "
        "KEY USING INDEX を実行します（一瞬）。",
    ),
)
WHYS = (
    Why.PRIMARY_KEY,
    Why.KEY_NOT_NULL,
)

_MESSAGE = Text(
    en="While the primary key {detail} is made, {who} of {table} wait {lasting} ({amount}).",
    ja="主キー {detail} の作成中、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str | None:
    return key_through_index(situation, cause.detail, "CONSTR_PRIMARY")
