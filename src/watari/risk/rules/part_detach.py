"""DETACH PARTITION without CONCURRENTLY closes the whole partitioned table."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.compose import composed
from watari.sql.grammar import kept

CARD = Card(
    id="part-detach",
    title=Text(
        en="Detaching a partition closes the partitioned table", ja="パーティションの切り離しで親テーブルが止まる"
    ),
    condition=Text(
        en="DETACH PARTITION without CONCURRENTLY, where there is no default partition",
        ja="デフォルトパーティションがない状態で、CONCURRENTLY なしの DETACH PARTITION を実行する場合",
    ),
    harm=Text(
        en=(
            "Readers and writers of all partitions wait for a moment, and behind a long query for as long as that runs."
        ),
        ja="全パーティションの読み書きが一瞬止まります。長いクエリがあるとその終了まで待たされます。",
    ),
    fact="ACCESS EXCLUSIVE on the parent, measured on 15 and 18",
    safer=Text(
        en="DETACH PARTITION … CONCURRENTLY, alone and outside a transaction.",
        ja="DETACH PARTITION … CONCURRENTLY をトランザクションの外で単独で実行します。",
    ),
)
KINDS = ("alter_table_stmt AT_DetachPartition",)

_MESSAGE = Text(
    en=("Readers and writers of {parent} wait while {name} is detached; behind a long query they wait for its end."),
    ja=("{name} の切り離し中、{parent} の読み書きが止まります。長いクエリがあるとその終了まで待たされます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a partition."""
    parent = situation.target
    for command in situation.commands("AT_DetachPartition"):
        bounds = (situation.world.table(child) for child in situation.world.children_of(parent))
        default = any(table is not None and table.partition_bound == "DEFAULT" for table in bounds)
        if kept(command).concurrent or default or not situation.old(parent):
            continue
        child = situation.name(kept(command).name)
        safer = composed("ALTER TABLE {parent} DETACH PARTITION {child} CONCURRENTLY;", parent=parent, child=child)
        facts = situation.size_facts(parent) | {"lock": str(LockMode.ACCESS_EXCLUSIVE)}
        yield situation.hazard(CARD, Level.WARN, parent, _MESSAGE(parent=parent, name=child), facts=facts, safer=safer)
