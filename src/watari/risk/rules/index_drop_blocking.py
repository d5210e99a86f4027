"""DROP INDEX: the whole table is closed for a moment, and queries that used the index are slow afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Index, Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.compose import composed
from watari.sql.grammar import choice, written_list

CARD = Card(
    id="index-drop-blocking",
    title=Text(en="Dropping an index closes its table", ja="インデックス削除時にテーブルがロックされる"),
    condition=Text(
        en="DROP INDEX without CONCURRENTLY of an index that was there before",
        ja="既存のインデックスを CONCURRENTLY なしで DROP INDEX する場合",
    ),
    harm=Text(
        en="Readers and writers of the table wait for a moment, and behind a long query for as long as that runs.",
        ja="テーブルの読み書きが一瞬止まります。実行中の長いクエリがあると、その終了まで待たされます。",
    ),
    fact="ACCESS EXCLUSIVE on the table and the index, measured on 15 and 18",
    safer=Text(
        en="DROP INDEX CONCURRENTLY, alone and outside a transaction, once nothing uses the index.",
        ja="使われていないことを確認し、DROP INDEX CONCURRENTLY をトランザクションの外で単独で実行します。",
    ),
)
KINDS = ("drop_stmt OBJECT_INDEX",)

_MESSAGE = Text(
    en="Readers and writers of {table} wait while {index} is dropped; behind a long query they wait for its end. {use}",
    ja="{index} の削除中、{table} への読み書きが待たされます。長いクエリの後ろに並ぶと、その終了まで止まります。{use}",
)
_MESSAGE_ALONE = Text(
    en="Readers and writers of its table wait while {index} is dropped; behind a long query they wait for "
    "its end. {use}",
    ja="{index} "
    "の削除中、そのテーブルへの読み書きが待たされます。長いクエリの後ろに並ぶと、その終了まで止まります。{use}",
)
_USED = Text(
    en="The index was used {scans} times since the statistics were reset.",
    ja="統計情報のリセット以降、このインデックスは {scans} 回使われています。",
)
_UNUSED = Text(
    en="The index was not used since the statistics were reset.",
    ja="統計情報のリセット以降、このインデックスは使われていません。",
)
_UNKNOWN = Text(en="Whether it is used is not known.", ja="使用状況は不明です。")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an index."""
    node, world = situation.node, situation.world
    if choice(node, "remove_type") != "OBJECT_INDEX" or node.concurrent:
        return
    for item in node.objects:
        name = world.resolve(written_list(item))
        index = world.index(name)
        if (index is None and world.known) or not situation.old(name) or (index and not situation.old(index.table)):
            continue
        yield _hazard(situation, name, index)


def _hazard(situation: Situation, name: Name, index: Index | None) -> Hazard:
    use = _UNKNOWN() if index is None else _USED(scans=f"{index.scans:,}") if index.scans else _UNUSED()
    facts = {"scans": index.scans, "bytes": index.bytes} if index else {}
    level = Level.WARN if index is None else situation.level_of(index.table)
    return situation.hazard(
        CARD,
        level,
        name,
        _MESSAGE(index=name, table=index.table, use=use) if index else _MESSAGE_ALONE(index=name, use=use),
        facts=facts,
        safer=composed("DROP INDEX CONCURRENTLY {name};", name=name),
    )
