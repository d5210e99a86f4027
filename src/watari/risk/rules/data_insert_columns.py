"""INSERT without the names of the columns breaks with the next column."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="data-insert-columns",
    title=Text(en="INSERT does not name its columns", ja="INSERT がカラム名を指定していない"),
    condition=Text(
        en="INSERT without a list of columns into a table that was there before",
        ja="既存テーブルにカラムリストなしで INSERT する場合",
    ),
    harm=Text(
        en=(
            "Where the table has another order of columns, or one more, values land in the wrong "
            "column or the statement fails."
        ),
        ja="カラムの順序や数が違う環境では、値が別のカラムに入るか失敗します。",
    ),
    fact="manual, INSERT",
    safer=Text(en="INSERT INTO table (column, …).", ja="INSERT INTO テーブル (カラム, …) と記述します。"),
    level=Level.INFO,
)
KINDS = ("insert_stmt",)

_MESSAGE = Text(
    en="The values go into the columns of {table} in whatever order they have there.",
    ja="値は {table} のその時点のカラム順に入ります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if not node.cols and node.HasField("select_stmt") and situation.old(situation.target):
        yield situation.hazard(CARD, Level.INFO, situation.target, _MESSAGE(table=situation.target))
