"""DETACH CONCURRENTLY beside a default partition: the server refuses."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import kept

CARD = Card(
    id="part-detach-impossible",
    title=Text(
        en="DETACH CONCURRENTLY is refused beside a default partition",
        ja="デフォルトパーティションがあると DETACH CONCURRENTLY できない",
    ),
    condition=Text(
        en="DETACH PARTITION … CONCURRENTLY from a table that has a default partition",
        ja="デフォルトパーティションのあるテーブルで DETACH PARTITION … CONCURRENTLY を実行する場合",
    ),
    harm=Text(
        en="The server refuses (55000); only the form that closes the table works there.",
        ja="サーバーがエラー（55000）を返します。テーブルを止める形しか使えません。",
    ),
    fact="55000, measured on 15 and 18",
    safer=Text(
        en="DETACH PARTITION in a quiet window, with a short lock_timeout and retries.",
        ja="空いている時間帯に、短い lock_timeout と再試行で通常の DETACH PARTITION を実行します。",
    ),
    level=Level.BLOCK,
)
KINDS = ("alter_table_stmt AT_DetachPartition",)

_MESSAGE = Text(
    en=("{parent} has the default partition {default}: the server refuses to detach concurrently (55000)."),
    ja=("{parent} にはデフォルトパーティション {default} があるため、CONCURRENTLY の切り離しは拒否されます（55000）。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a partition."""
    parent, world = situation.target, situation.world
    for command in situation.commands("AT_DetachPartition"):
        children = (world.table(child) for child in world.children_of(parent))
        default = next((table for table in children if table is not None and table.partition_bound == "DEFAULT"), None)
        if kept(command).concurrent and default is not None:
            message = _MESSAGE(parent=parent, default=default.name)
            yield situation.hazard(CARD, Level.BLOCK, parent, message)
