"""CREATE TABLE … PARTITION OF closes the whole partitioned table."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.compose import composed

CARD = Card(
    id="part-create-of",
    title=Text(en="A new partition closes the partitioned table", ja="パーティション追加で親テーブルが止まる"),
    condition=Text(
        en="CREATE TABLE … PARTITION OF a partitioned table that was there before",
        ja="既存のパーティション親テーブルに CREATE TABLE … PARTITION OF を実行する場合",
    ),
    harm=Text(
        en=(
            "Readers and writers of all partitions wait for a moment, and behind a long query for as long as that runs."
        ),
        ja="全パーティションの読み書きが一瞬止まります。長いクエリがあるとその終了まで待たされます。",
    ),
    fact=("ACCESS EXCLUSIVE on the parent against SHARE UPDATE EXCLUSIVE for ATTACH, measured on 15 and 18"),
    safer=Text(
        en=("CREATE TABLE (LIKE …), a CHECK with the bound, then ATTACH PARTITION: readers and writers pass."),
        ja=("CREATE TABLE (LIKE …) に範囲の CHECK を付け、ATTACH PARTITION します。読み書きは止まりません。"),
    ),
)
KINDS = ("create_stmt",)

_MESSAGE = Text(
    en=("Readers and writers of {parent} wait while the partition is made; behind a long query they wait for its end."),
    ja=("パーティションの作成中、{parent} の読み書きが止まります。長いクエリがあるとその終了まで待たされます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if not node.HasField("partbound") or not node.inh_relations:
        return
    parent = situation.name(node.inh_relations[0].range_var)
    if situation.old(parent):
        safer = "\n".join(
            [
                composed(
                    "CREATE TABLE {name} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS);",
                    name=situation.target,
                    parent=parent,
                ),
                "-- a CHECK with the bound, then:",
                composed(
                    "ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES …;", parent=parent, name=situation.target
                ),
            ]
        )
        facts = situation.size_facts(parent) | {"lock": str(LockMode.ACCESS_EXCLUSIVE)}
        yield situation.hazard(CARD, Level.WARN, parent, _MESSAGE(parent=parent), facts=facts, safer=safer)
