"""An index that queries use is dropped, if only concurrently."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped

CARD = Card(
    id="index-in-use",
    title=Text(en="An index that is in use is dropped", ja="使用中のインデックスを削除する"),
    condition=Text(
        en="DROP INDEX CONCURRENTLY of an index that was scanned since the statistics were reset",
        ja="統計リセット以降にスキャンされているインデックスを DROP INDEX CONCURRENTLY する場合",
    ),
    harm=Text(
        en=(
            "Nobody waits for the drop itself, and the queries that counted on the index read the "
            "whole table from then on."
        ),
        ja=("削除自体は誰も待たせませんが、このインデックスに頼っていたクエリは以後テーブル全体を読みます。"),
    ),
    fact="idx_scan of pg_stat_user_indexes; other queries of the same plan are not told apart",
    safer=Text(
        en=(
            "Look for the queries first (pg_stat_statements, EXPLAIN), on the standbys too; build the "
            "successor before the drop."
        ),
        ja=(
            "先に利用クエリを（スタンバイも含めて）pg_stat_statements や EXPLAIN で確認し、後継のイン"
            "デックスを作ってから削除します。"
        ),
    ),
)
KINDS = ("drop_stmt OBJECT_INDEX",)

_MESSAGE = Text(
    en=(
        "{index} was used {scans} times since the statistics were reset; queries on {table} that "
        "count on it are slow afterwards."
    ),
    ja=("{index} は統計リセット以降 {scans} 回使われています。削除後、これに頼る {table} のクエリは遅くなります。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an index; without CONCURRENTLY `index-drop-blocking` tells how often it is used."""
    if situation.kind != "drop_stmt" or not situation.node.concurrent:
        return
    for name in dropped(situation, "OBJECT_INDEX"):
        index = situation.world.index(name)
        if index is None or not index.scans or not situation.old(name) or not index.valid:
            continue
        message = _MESSAGE(index=name, scans=f"{index.scans:,}", table=index.table)
        yield situation.hazard(CARD, Level.WARN, name, message, facts={"scans": index.scans, "bytes": index.bytes})
