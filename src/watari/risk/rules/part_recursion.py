"""ALTER TABLE of a partitioned table closes every partition at once."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode, TableKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of

CARD = Card(
    id="part-recursion",
    title=Text(
        en="A change of a partitioned table reaches every partition", ja="親テーブルの変更が全パーティションに及ぶ"
    ),
    condition=Text(
        en="ALTER TABLE of a partitioned table that takes ACCESS EXCLUSIVE on its partitions",
        ja="パーティションにも ACCESS EXCLUSIVE を取る、親テーブルの ALTER TABLE の場合",
    ),
    harm=Text(
        en=("All partitions are locked, one after the other, and all stay closed until the last lock is there."),
        ja=("全パーティションのロックを順に取得し、最後のロックが揃うまですべて止まったままになります。"),
    ),
    fact="every partition ACCESS EXCLUSIVE, parent first, then in order, measured on 15 and 18",
    safer=Text(
        en=(
            "A short lock_timeout with retries (watari has one); ONLY with the partitions one by one, "
            "where the server allows it."
        ),
        ja=(
            "短い lock_timeout と再試行で実行します（watari が行います）。可能なら ONLY を使い、パーテ"
            "ィションごとに変更します。"
        ),
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt closes",)

_MESSAGE = Text(
    en=("{table} and its {count} partitions are closed together, until the last of the locks is there."),
    ja="{table} と {count} 個のパーティションが、すべてのロックが揃うまでまとめて止まります。",
)


#: From so many partitions on it is more than a mention.
_MANY = 100


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    parent = situation.target
    table = table_of(situation, parent)
    if table is None or table.kind is not TableKind.PARTITIONED:
        return
    below = {str(name) for name in situation.world.family(parent)[1:]}
    closed = [
        effect
        for effect in situation.effects.effects
        if effect.relation in below and effect.lock is LockMode.ACCESS_EXCLUSIVE
    ]
    if closed:
        level = Level.WARN if len(closed) >= _MANY else Level.INFO
        message = _MESSAGE(table=parent, count=len(closed))
        yield situation.hazard(CARD, level, parent, message, facts={"partitions": len(closed)})
