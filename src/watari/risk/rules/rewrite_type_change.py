"""ALTER COLUMN TYPE whose values are other bytes: table and indexes are written anew while everybody waits."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import second_column

CARD = Card(
    id="rewrite-type-change",
    title=Text(en="A type change writes the whole table anew", ja="型変更でテーブル全体が書き直される"),
    condition=Text(
        en="ALTER COLUMN TYPE to a type whose values are stored differently, on a table that holds rows",
        ja="データのあるテーブルで、格納形式が変わる型への ALTER COLUMN TYPE を実行する場合",
    ),
    harm=Text(
        en="Readers and writers wait until the table and all its indexes are written; so much free disk and "
        "WAL is needed.",
        ja="テーブルと全インデックスの書き直しが終わるまで読み書きがすべて待たされ、同じ量のディスクと WAL "
        "が必要です。",
    ),
    fact="ACCESS EXCLUSIVE, new files; which pairs of types do so was measured on 15 and 18",
    safer=Text(
        en="A second column of the new type, kept equal by a trigger, filled in batches, and an exchange of names.",
        ja="新しい型のカラムを追加し、トリガーで同期しながら段階的に埋め、最後に名前を入れ替えます。",
    ),
)
WHYS = (Why.TYPE,)

_MESSAGE = Text(
    en="The new type of {detail} writes {table} and its indexes anew: {who} wait {lasting} ({amount}).",
    ja="{detail} の型変更で {table} とそのインデックスが書き直され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str | None:
    return second_column(situation, cause.detail)
