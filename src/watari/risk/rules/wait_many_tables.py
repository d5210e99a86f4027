"""One transaction closes several tables, and waits for the later ones while it keeps the earlier."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from watari.catalog import LockMode, Name, TableKind
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of

CARD = Card(
    id="wait-many-tables",
    title=Text(en="One transaction closes several tables", ja="1 つのトランザクションが複数テーブルを止める"),
    condition=Text(
        en=("a transaction that takes SHARE or a stronger lock on a second large table that was there before"),
        ja="規模の大きい 2 つ目の既存テーブルに、同じトランザクションで SHARE 以上のロックを取る場合",
    ),
    harm=Text(
        en=(
            "While it waits for the second table the first stays closed, and lock_timeout starts "
            "again for each; in another order than the application's it ends in a deadlock."
        ),
        ja=(
            "2 つ目を待つ間も 1 つ目は止まったままで、lock_timeout はロックごとに数え直されます。アプ"
            "リケーションと順序が違うとデッドロックします。"
        ),
    ),
    fact="with lock_timeout 1 s a table stayed closed for 1.8 s; 40P01, measured on 15 and 18",
    safer=Text(
        en=("A migration for each table; or LOCK TABLE of all of them first, in the order of the application."),
        ja=(
            "テーブルごとにマイグレーションを分けます。または先頭で、アプリケーションと同じ順序でまと"
            "めて LOCK TABLE します。"
        ),
    ),
)
KINDS = (
    "alter_table_stmt stops held",
    "create_stmt stops held",
    "index_stmt stops held",
    "drop_stmt stops held",
    "rename_stmt stops held",
    "truncate_stmt stops held",
    "create_trig_stmt stops held",
    "lock_stmt stops held",
)

_MESSAGE = Text(
    en="{first} stays closed while this waits for {table}.",
    ja="{table} のロックを待つ間、{first} も止まったままになります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard a transaction, at the statement that closes the second table."""
    if not situation.held or not situation.world.known:
        return
    closed = list(islice((name for name in situation.held if _matters(situation, name)), 2))
    if len(closed) != 1:
        return
    (first,) = closed
    world = situation.world
    for effect in situation.effects.effects:
        name = name_of(effect.relation)
        if name is None or effect.created or effect.lock is None or effect.lock < LockMode.SHARE or name == first:
            continue
        if _matters(situation, name) and name not in world.family(first) and first not in world.family(name):
            facts = {"tables": [str(first), str(name)]}
            yield situation.hazard(CARD, Level.WARN, name, _MESSAGE(table=name, first=first), facts=facts)
            return


def _matters(situation: Situation, name: Name) -> bool:
    table = table_of(situation, name)
    return table is not None and table.kind in (TableKind.TABLE, TableKind.PARTITIONED) and situation.is_large(table)
