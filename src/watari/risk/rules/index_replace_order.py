"""The old index goes before its successor is there."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped, later

CARD = Card(
    id="index-replace-order",
    title=Text(en="An index is dropped before its successor is built", ja="後継を作る前にインデックスを削除する"),
    condition=Text(
        en=("DROP INDEX, and later in the same migration CREATE INDEX on the same table with the same first column"),
        ja=("DROP INDEX の後、同じマイグレーションで同じテーブル・同じ先頭カラムの CREATE INDEX がある場合"),
    ),
    harm=Text(
        en=("In between there is no index: queries read the whole table, and a unique rule is not kept."),
        ja="その間インデックスがなく、クエリがテーブル全体を読みます。一意性も守られません。",
    ),
    fact="the order of the statements; pg_index",
    safer=Text(
        en="Build the new one concurrently under another name, then drop the old one concurrently.",
        ja=("新しいインデックスを別名で CONCURRENTLY 作成してから、旧インデックスを CONCURRENTLY 削除します。"),
    ),
)
KINDS = ("drop_stmt OBJECT_INDEX",)

_MESSAGE = Text(
    en="{index} goes before {successor} is built: until then queries on {table} have neither.",
    ja=("{index} を削除してから {successor} を作るため、その間 {table} のクエリはどちらも使えません。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an index."""
    for name in dropped(situation, "OBJECT_INDEX"):
        index = situation.world.index(name)
        if (
            index is None
            or not index.columns
            or not situation.old(index.table)
            or situation.world.is_empty(index.table)
        ):
            continue
        for node in later(situation, "index_stmt"):
            first = node.index_params[0].index_elem.name if node.index_params else None
            if first == index.columns[0] and situation.name(node.relation) == index.table:
                message = _MESSAGE(index=name, successor=node.idxname or first, table=index.table)
                yield situation.hazard(CARD, situation.level_of(index.table), name, message)
                break
