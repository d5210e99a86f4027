"""REINDEX: writers wait, and every query that has to be planned waits for the index."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.sql.compose import composed
from watari.sql.grammar import choice

CARD = Card(
    id="index-reindex-blocking",
    title=Text(en="REINDEX closes its table in effect", ja="REINDEX は実質的にテーブルを止める"),
    condition=Text(
        en="REINDEX without CONCURRENTLY of a table or index that holds rows",
        ja="データのあるテーブルやインデックスを CONCURRENTLY なしで REINDEX する場合",
    ),
    harm=Text(
        en="Writers wait for the whole build, and so does every query that has to be planned, readers included.",
        ja="再作成が終わるまで書き込みが待たされ、プラン作成が必要なクエリは参照も含めて待たされます。",
    ),
    fact="SHARE on the table and ACCESS EXCLUSIVE on the index, measured on 15 and 18",
    safer=Text(en="REINDEX … CONCURRENTLY, alone.", ja="REINDEX … CONCURRENTLY を単独で実行します。"),
)
WHYS = (Why.REINDEX,)

_MESSAGE = Text(
    en="While its index is built anew, writers of {table} wait {lasting}, and readers whose query has to be "
    "planned wait too ({amount}).",
    ja="インデックスの再作成中、{table} "
    "への書き込みが{lasting}待たされ、プラン作成が必要な参照も待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a statement."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, Why.REINDEX)


def _safer(situation: Situation, cause: Cause) -> str | None:
    if situation.kind != "reindex_stmt" or not situation.node.HasField("relation"):
        return None
    name = situation.name(situation.node.relation)
    if choice(situation.node, "kind") == "REINDEX_OBJECT_INDEX":
        return composed("REINDEX INDEX CONCURRENTLY {name};", name=name)
    return composed("REINDEX TABLE CONCURRENTLY {name};", name=name)
