"""Work on other tables while a table is closed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from watari.catalog import Name, TableKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount, lasting
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of

CARD = Card(
    id="wait-work-after-lock",
    title=Text(en="A table stays closed during other work", ja="他の処理の間もテーブルが止まったままになる"),
    condition=Text(
        en=("a statement that reads or writes a large table in a transaction that has closed another one before"),
        ja="別のテーブルを止めたトランザクションで、大きなテーブルを読み書きする文の場合",
    ),
    harm=Text(
        en="Readers and writers of the first table wait for all of it.",
        ja="最初のテーブルの読み書きが、その処理が終わるまで待たされます。",
    ),
    fact="locks are kept to the end of the transaction, manual, Explicit Locking",
    safer=Text(
        en="The change of the first table last, or in a transaction of its own.",
        ja="最初のテーブルの変更を最後にするか、別のトランザクションに分けます。",
    ),
)
KINDS = (
    "update_stmt held",
    "delete_stmt held",
    "insert_stmt held",
    "select_stmt held",
    "create_table_as_stmt held",
    "alter_table_stmt held",
    "index_stmt held",
    "refresh_mat_view_stmt held",
)

_MESSAGE = Text(
    en="{closed} stays closed while {table} is worked through ({amount}), {lasting}.",
    ja="{table} の処理中（{amount}）、{closed} が{lasting}止まったままになります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if not situation.held or not situation.world.known:
        return
    for cause in situation.causes:
        large = [
            table.name for table in situation.tables(cause) if situation.is_large(table) and situation.old(table.name)
        ]
        if not large or situation.is_short(cause):
            continue
        closed = (name for name in situation.held if name not in cause.relations and _matters(situation, name))
        others = list(islice(closed, _SHOWN))
        if others:
            facts = situation.work_facts(cause)
            message = _MESSAGE(
                closed=", ".join(map(str, others)), table=large[0], lasting=lasting(facts), amount=amount(facts)
            )
            yield situation.hazard(CARD, Level.WARN, others[0], message, facts=facts)
            return


#: So many closed tables are named.
_SHOWN = 3


def _matters(situation: Situation, name: Name) -> bool:
    table = table_of(situation, name)
    return table is not None and table.kind is TableKind.TABLE and not situation.world.is_empty(name)
