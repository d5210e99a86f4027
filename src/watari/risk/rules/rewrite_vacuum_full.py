"""VACUUM FULL and CLUSTER: the table is written anew while everybody waits."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import plain_vacuum

CARD = Card(
    id="rewrite-vacuum-full",
    title=Text(
        en="VACUUM FULL and CLUSTER close the table while they write it anew",
        ja="VACUUM FULL / CLUSTER の間テーブルが止まる",
    ),
    condition=Text(
        en="VACUUM FULL or CLUSTER of a table that holds rows",
        ja="データのあるテーブルに VACUUM FULL または CLUSTER を実行する場合",
    ),
    harm=Text(
        en="Readers and writers wait until the table and all its indexes are written.",
        ja="テーブルと全インデックスの書き直しが終わるまで、読み書きがすべて待たされます。",
    ),
    fact="ACCESS EXCLUSIVE, new files, measured on 15 and 18",
    safer=Text(
        en="A plain VACUUM, which closes nothing; to give space back online pg_repack or pg_squeeze.",
        ja="通常の VACUUM はテーブルを止めません。領域の返却が必要なら pg_repack や pg_squeeze を使います。",
    ),
)
WHYS = (
    Why.VACUUM_FULL,
    Why.CLUSTER,
)

_MESSAGE = Text(
    en="{table} and its indexes are written anew: {who} wait {lasting} ({amount}).",
    ja="{table} とそのインデックスが書き直され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str | None:
    return plain_vacuum(cause)
