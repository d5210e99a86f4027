"""VALIDATE under a lock that an earlier statement of the transaction, or of the same ALTER TABLE, took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.phrases import amount, lasting, who
from watari.risk.situation import Situation
from watari.risk.work import subject
from watari.sql.compose import composed

CARD = Card(
    id="proof-same-transaction",
    title=Text(
        en="A constraint is validated under the strong lock of another statement",
        ja="別の文の強いロックを保持したまま制約を検証している",
    ),
    condition=Text(
        en="NOT VALID and VALIDATE CONSTRAINT in one transaction, or VALIDATE in one ALTER TABLE with an "
        "action that closes the table",
        ja="NOT VALID での追加と VALIDATE CONSTRAINT "
        "が同じトランザクションにある場合、またはテーブルを止める操作と同じ ALTER TABLE 内で VALIDATE する場合",
    ),
    harm=Text(
        en="The look at every row, which alone would let readers and writers pass, holds them up.",
        ja="単独なら読み書きを止めない全行の検証が、他の処理を待たせます。",
    ),
    fact="the scan runs under the lock of the first statement, measured on 15 and 18",
    safer=Text(
        en="VALIDATE CONSTRAINT alone, in a transaction of its own.",
        ja="VALIDATE CONSTRAINT を単独で、別のトランザクションで実行します。",
    ),
)
WHYS = (Why.VALIDATE,)

_CARRIED = Text(
    en="{detail} is validated while the lock of an earlier statement of the same transaction is held: {who} "
    "of {table} wait {lasting} ({amount}).",
    ja="同じトランザクションの前の文のロックを保持したまま {detail} を検証するため、{table} "
    "への{who}が{lasting}待たされます（{amount}）。",
)
_MERGED = Text(
    en="{detail} is validated in one statement with an action that closes the table: {who} of {table} wait "
    "{lasting} ({amount}).",
    ja="テーブルを止める操作と同じ文で {detail} を検証するため、{table} への{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a constraint."""
    for cause in situation.because(Why.VALIDATE):
        facts, table = situation.work_facts(cause), subject(situation, cause)
        words = _CARRIED if cause.carried else _MERGED
        message = words(
            detail=cause.detail, table=table, who=who(cause.lock), lasting=lasting(facts), amount=amount(facts)
        )
        yield situation.hazard(
            CARD, situation.level(cause), table, message, facts=facts, safer=_safer(situation, cause)
        )


def _safer(situation: Situation, cause: Cause) -> str:
    template: LiteralString = "COMMIT;\nALTER TABLE {table} VALIDATE CONSTRAINT {name};"
    return composed(template, table=subject(situation, cause), name=cause.detail)
