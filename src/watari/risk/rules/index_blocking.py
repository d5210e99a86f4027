"""CREATE INDEX on a table that is in use: writers wait for the whole build."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.sql.deparsing import changed, deparsed

CARD = Card(
    id="index-blocking",
    title=Text(en="An index is built while writers wait", ja="インデックス作成中に書き込みが待たされる"),
    condition=Text(
        en="CREATE INDEX without CONCURRENTLY on a table that was there before and holds rows",
        ja="既存でデータのあるテーブルに CONCURRENTLY なしで CREATE INDEX を実行する場合",
    ),
    harm=Text(
        en="INSERT, UPDATE and DELETE on the table (and on every partition) wait until the index is built; "
        "SELECT passes.",
        ja="作成が終わるまで、テーブル（全パーティションを含む）への INSERT・UPDATE・DELETE "
        "が待たされます。SELECT は実行できます。",
    ),
    fact="SHARE on the table, measured on 15 and 18; manual, CREATE INDEX, Building Indexes Concurrently",
    safer=Text(
        en="CREATE INDEX CONCURRENTLY, alone and outside a transaction; on a partitioned table partition by partition.",
        ja="CREATE INDEX CONCURRENTLY "
        "をトランザクションの外で単独で実行します。パーティションテーブルではパーティションごとに作成します。",
    ),
)
WHYS = (Why.INDEX,)

_MESSAGE = Text(
    en="While {detail} is built, {who} of {table} wait {lasting} ({amount}).",
    ja="{detail} の作成中、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an index."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, Why.INDEX)


def _safer(situation: Situation, cause: Cause) -> str:
    return deparsed(changed(situation.node, concurrent=True, idxname=cause.detail)) + ";"
