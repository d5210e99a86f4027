"""ATTACH PARTITION and new partitions: what nothing proves is read through under a strong lock."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.work import work_hazards

CARD = Card(
    id="part-attach-scan",
    title=Text(en="A partition is read through while it is attached", ja="パーティションの追加時に全行が検証される"),
    condition=Text(
        en="ATTACH PARTITION without a matching validated CHECK or index, or a new partition beside a "
        "default partition that holds rows",
        ja="一致する検証済み CHECK やインデックスのない ATTACH "
        "PARTITION、またはデータのあるデフォルトパーティションがある状態での追加の場合",
    ),
    harm=Text(
        en="Readers and writers of the partition (and of the default partition) wait until every row has "
        "been looked at.",
        ja="全行の検証が終わるまで、対象パーティションとデフォルトパーティションの読み書きが待たされます。",
    ),
    fact="ACCESS EXCLUSIVE and a scan of the partition and of the default partition, measured on 15 and 18",
    safer=Text(
        en="Before: a validated CHECK with the exact bound and NOT NULL on the new table, one that excludes "
        "the bound on the default partition, every index and foreign key of the parent.",
        ja="事前に、新テーブルには範囲と一致する検証済み CHECK と NOT "
        "NULL、親と同じインデックス・外部キーを、デフォルトパーティションには範囲を除外する検証済み CHECK "
        "を用意します。",
    ),
)
WHYS = (
    Why.ATTACH,
    Why.ATTACH_INDEX,
    Why.ATTACH_KEY,
    Why.DEFAULT_PARTITION,
    Why.DETACH,
)

_MESSAGE = Text(
    en="Rows are looked at for the partition {detail} of {table}: {who} wait {lasting} ({amount}).",
    ja="{table} のパーティション {detail} のために行が検証され、{who}が{lasting}待たされます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a reason."""
    yield from work_hazards(situation, CARD, _MESSAGE, None, *WHYS)
