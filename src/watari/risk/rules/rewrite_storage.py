"""SET LOGGED, UNLOGGED, ACCESS METHOD, TABLESPACE: the files are written anew or copied."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="rewrite-storage",
    title=Text(en="Another way of storing the table writes it anew", ja="格納方法の変更でテーブルが書き直される"),
    condition=Text(
        en="SET LOGGED, SET UNLOGGED, SET ACCESS METHOD or SET TABLESPACE that changes something, on a table "
        "that holds rows",
        ja="データのあるテーブルで SET LOGGED / UNLOGGED・SET ACCESS METHOD・SET TABLESPACE "
        "を実行する場合（変更がある場合）",
    ),
    harm=Text(
        en="Readers and writers wait until the files are written; WAL of the same size is written.",
        ja="ファイルの書き直しが終わるまで読み書きがすべて待たされ、同じ量の WAL が出力されます。",
    ),
    fact="ACCESS EXCLUSIVE, new files, measured on 15 and 18",
    safer=Text(
        en="A new table beside it, filled in batches and swapped in; for a tablespace pg_repack, for an "
        "index a new one there.",
        ja="新しいテーブルに段階的に移して切り替えます。テーブルスペースの変更は "
        "pg_repack、インデックスは新規作成を検討します。",
    ),
)
WHYS = (
    Why.PERSISTENCE,
    Why.ACCESS_METHOD,
    Why.TABLESPACE,
)

_MESSAGE = Text(
    en="The files of {table} are written anew: {who} wait {lasting} ({amount}).",
    ja="{table} のファイルが書き直され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
