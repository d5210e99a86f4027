"""ALTER TABLE … RENAME on an index takes the strong lock, ALTER INDEX does not."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.sql.compose import composed
from watari.sql.grammar import choice

CARD = Card(
    id="index-rename-path",
    title=Text(en="ALTER TABLE renames an index under a strong lock", ja="インデックスを ALTER TABLE で改名している"),
    condition=Text(
        en="ALTER TABLE … RENAME TO whose table is really an index",
        ja="ALTER TABLE … RENAME TO の対象が実際にはインデックスの場合",
    ),
    harm=Text(
        en=(
            "ACCESS EXCLUSIVE on the index stops every query of its table that has to be planned; "
            "ALTER INDEX stops none."
        ),
        ja=(
            "インデックスの ACCESS EXCLUSIVE により、プラン作成が必要なクエリがすべて待たされます。AL"
            "TER INDEX なら止まりません。"
        ),
    ),
    fact="ACCESS EXCLUSIVE against SHARE UPDATE EXCLUSIVE, measured on 15 and 18",
    safer=Text(en="ALTER INDEX … RENAME TO.", ja="ALTER INDEX … RENAME TO を使います。"),
)
KINDS = ("rename_stmt",)

_MESSAGE = Text(
    en=("{index} is an index: renamed with ALTER TABLE, queries on {table} that have to be planned wait for the lock."),
    ja=(
        "{index} はインデックスです。ALTER TABLE で改名すると、プラン作成が必要な {table} のクエリがロックを待ちます。"
    ),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if choice(node, "rename_type") != "OBJECT_TABLE":
        return
    index = situation.world.index(situation.target)
    if index is not None and situation.old(index.table):
        safer = composed("ALTER INDEX {old} RENAME TO {new};", old=index.name, new=node.newname)
        message = _MESSAGE(index=index.name, table=index.table)
        yield situation.hazard(CARD, situation.level_of(index.table), index.name, message, safer=safer)
