"""Rows are read or changed while a strong lock of the same transaction is held."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.phrases import amount, lasting, who
from watari.risk.situation import Situation

CARD = Card(
    id="data-with-ddl",
    title=Text(
        en="Data is worked through under the lock of a schema change",
        ja="スキーマ変更のロックを保持したままデータを処理している",
    ),
    condition=Text(
        en="UPDATE, DELETE or a query over a table in the transaction that altered it",
        ja="テーブルを変更したトランザクション内で、同じテーブルに UPDATE・DELETE や走査を行う場合",
    ),
    harm=Text(
        en="The lock of the change, which alone lasts a moment, is held until the last row is done.",
        ja="本来は一瞬で済む変更のロックが、最後の行の処理が終わるまで保持されます。",
    ),
    fact="locks are kept to the end of the transaction; manual, Explicit Locking",
    safer=Text(
        en="The schema change commits first; the rows follow in batches, each in a transaction of its own.",
        ja="スキーマ変更を先にコミットし、データは別のトランザクションで分割して処理します。",
    ),
)
WHYS = (Why.ROWS, Why.QUERY)

_MESSAGE = Text(
    en="Rows of {table} are worked through while the lock of an earlier statement of the same transaction is "
    "held: {who} wait {lasting} ({amount}).",
    ja="同じトランザクションの前の文のロックを保持したまま {table} "
    "の行を処理するため、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard for each table whose lock is held."""
    seen = set()
    for cause in situation.because(*WHYS):
        if not cause.carried or cause.relations in seen:
            continue
        seen.add(cause.relations)
        facts = situation.work_facts(cause)
        table = cause.relations[0]
        message = _MESSAGE(table=table, who=who(cause.lock), lasting=lasting(facts), amount=amount(facts))
        yield situation.hazard(CARD, situation.level(cause), table, message, facts=facts)
