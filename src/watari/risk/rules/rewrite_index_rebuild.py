"""A type change that leaves the table but not its index: the index is built anew while everybody waits."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="rewrite-index-rebuild",
    title=Text(en="A type change builds an index anew", ja="型変更でインデックスが作り直される"),
    condition=Text(
        en="ALTER COLUMN TYPE that is free for the table, where an index cannot be kept: another operator "
        "class or collation, an expression or a predicate, a partition",
        ja="テーブルの書き直しは不要でも、演算子クラス・照合順序の変更、式や条件付きのインデックス、"
        "パーティションなどでインデックスを維持できない型変更の場合",
    ),
    harm=Text(
        en="Readers and writers wait for the build.",
        ja="インデックスの作成が終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE, a new index file and a scan, measured on 15 and 18",
    safer=Text(
        en="Drop the index concurrently before and build it concurrently afterwards if queries can do "
        "without it; else a second column.",
        ja="クエリに支障がなければ、事前に DROP INDEX CONCURRENTLY、変更後に CREATE INDEX CONCURRENTLY "
        "で作り直します。支障があればカラムを追加して切り替えます。",
    ),
)
WHYS = (Why.TYPE_INDEX,)

_MESSAGE = Text(
    en="The index {detail} is built anew for the new type: {who} of {table} wait {lasting} ({amount}).",
    ja="型変更に伴いインデックス {detail} が作り直され、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
