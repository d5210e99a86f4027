"""ADD FOREIGN KEY over rows that are there: writers of both tables wait while every row is looked up."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards
from watari.risk.writing import added_constraint

CARD = Card(
    id="proof-foreign-key",
    title=Text(
        en="A foreign key is checked while writers of both tables wait",
        ja="外部キーの検証中に両テーブルへの書き込みが待たされる",
    ),
    condition=Text(
        en="ADD FOREIGN KEY without NOT VALID on a column that was there before, or REFERENCES on a new "
        "column with a default",
        ja="既存カラムに NOT VALID なしで ADD FOREIGN KEY "
        "を実行する場合、またはデフォルト値のある新規カラムに REFERENCES を付ける場合",
    ),
    harm=Text(
        en="INSERT, UPDATE and DELETE on the table and on the referenced one wait until every row has been "
        "looked up; SELECT passes.",
        ja="全行の照合が終わるまで、対象テーブルと参照先テーブルへの INSERT・UPDATE・DELETE "
        "が待たされます。SELECT は実行できます。",
    ),
    fact="SHARE ROW EXCLUSIVE on both tables and a scan of both, measured on 15 and 18",
    safer=Text(
        en="ADD … NOT VALID (a moment), then VALIDATE CONSTRAINT in a transaction of its own (readers and "
        "writers pass).",
        ja="NOT VALID 付きで追加し（一瞬）、別のトランザクションで VALIDATE CONSTRAINT "
        "を実行します（読み書きは止まりません）。",
    ),
)
WHYS = (
    Why.FOREIGN_KEY,
    Why.ENFORCE,
)

_MESSAGE = Text(
    en="While {detail} is checked row by row, {who} of {table} and of the referenced table wait {lasting} ({amount}).",
    ja="{detail} を 1 行ずつ検証する間、{table} と参照先テーブルへの{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, _safer, *WHYS)


def _safer(situation: Situation, cause: Cause) -> str | None:
    return added_constraint(situation, cause.detail, "CONSTR_FOREIGN")
