"""A table has room for 1600 columns in its whole life, dropped ones included."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="type-attribute-slots",
    title=Text(
        en="The table runs out of places for columns",
        ja="テーブルのカラム枠が残り少ない",
    ),
    condition=Text(
        en="ADD COLUMN to a table that has used up nearly all of its 1600 places, those of dropped columns too",
        ja="削除済みを含め 1600 のカラム枠をほぼ使い切ったテーブルへの ADD COLUMN の場合",
    ),
    harm=Text(
        en="A dropped column keeps its place. After the last one no column can be added any more (54011), whatever is dropped.",
        ja="削除したカラムの枠は戻りません。使い切ると、何を削除してもカラムを追加できなくなります（54011）。",
    ),
    fact="1599 columns added and dropped on a table with one column, then 54011: measured on 15 and 18",
    safer=Text(
        en="Copy the table into a new one while there is time; a dump and restore gives the places back too.",
        ja="余裕のあるうちに新しいテーブルへ移します。ダンプとリストアでも枠は戻ります。",
    ),
    level=Level.BLOCK,
)
KINDS = ("alter_table_stmt",)

_MESSAGE = Text(
    en="{table} has used {used} of the 1600 places for columns, of which {dropped} are dropped columns: {left} can be added before the server refuses (54011).",
    ja="{table} は 1600 のカラム枠のうち {used}（うち削除済み {dropped}）を使用しており、あと {left} 個でサーバーに拒否されます（54011）。",
)


#: MaxHeapAttributeNumber of the server, and from where on it is told.
_LIMIT, _NEAR = 1600, 1400


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table: of a partitioned one each part has places of its own."""
    wanted = sum(1 for _ in situation.commands("AT_AddColumn"))
    if not wanted or not situation.world.known:
        return
    for name in situation.world.family(situation.target):
        live = situation.world.catalog.tables.get(name) if situation.world.catalog else None
        table = situation.world.table(name)
        if live is None or table is None or not live.attributes:
            continue
        known = {column.name for column in live.columns}
        used = live.attributes + sum(column.name not in known for column in table.columns)
        if used + wanted <= _NEAR:
            continue
        message = _MESSAGE(table=name, used=used, dropped=used - len(table.columns), left=_LIMIT - used)
        level = Level.BLOCK if used + wanted > _LIMIT else Level.WARN
        yield situation.hazard(CARD, level, name, message, facts={"used": used, "limit": _LIMIT})
