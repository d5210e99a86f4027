"""UPDATE or DELETE of many rows in one statement."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation

CARD = Card(
    id="data-unbatched",
    title=Text(en="Many rows are changed in one statement", ja="大量の行を 1 つの文で変更している"),
    condition=Text(
        en="UPDATE or DELETE that reads a large table through",
        ja="大きなテーブルを全件走査する UPDATE・DELETE の場合",
    ),
    harm=Text(
        en="Every row that it changed stays locked until the end of the transaction; the table grows by as "
        "many rows, and so does the WAL.",
        ja="変更した行はトランザクション終了までロックされ、テーブルと WAL がその分だけ膨らみます。",
    ),
    fact="twice the size and 318 bytes of WAL a row, measured on 15 and 18",
    safer=Text(
        en="Batches of a few thousand rows by key, each in a transaction of its own, so that it can be run again.",
        ja="キー順に数千行ずつ、別々のトランザクションで、再実行できる形で更新します。",
    ),
)
KINDS = ("update_stmt", "delete_stmt")

_MESSAGE = Text(
    en="Rows of {table} are changed in one statement ({amount}): each stays locked until the end of the "
    "transaction, and the table grows by what is changed.",
    ja="{table} の行を 1 つの文で変更します（{amount}）。変更した行はトランザクション終了までロックされ、"
    "変更分だけテーブルが膨らみます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    cause = next((cause for cause in situation.causes if cause.why is Why.ROWS), None)
    name = situation.target
    if cause is None or name not in _changed(situation, cause) or not situation.world.known:
        return
    tables = [table for table in situation.tables(cause) if situation.is_large(table)]
    if tables:
        facts = situation.work_facts(cause)
        yield situation.hazard(CARD, Level.WARN, name, _MESSAGE(table=name, amount=amount(facts)), facts=facts)


def _changed(situation: Situation, cause: Cause) -> set[Name]:
    """The tables that are read through, and those that they are partitions of."""
    found = set(cause.relations)
    for name in cause.relations:
        table = situation.world.table(name)
        found.update(table.parents if table else ())
    return found
