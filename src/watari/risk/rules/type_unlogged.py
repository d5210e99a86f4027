"""An unlogged table is empty after a crash and on every standby."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="type-unlogged",
    title=Text(en="An unlogged table does not survive a crash", ja="UNLOGGED テーブルはクラッシュで空になる"),
    condition=Text(en="CREATE UNLOGGED TABLE", ja="CREATE UNLOGGED TABLE を実行する場合"),
    harm=Text(
        en=("After a crash, a failover and on every standby it is empty; leaving that state rewrites the table."),
        ja=(
            "クラッシュやフェイルオーバーの後、またスタンバイでは空になります。通常のテーブルに戻すに"
            "は書き直しが必要です。"
        ),
    ),
    fact="manual, CREATE TABLE, UNLOGGED",
    safer=Text(
        en="A logged table, unless the rows can be made again.",
        ja="作り直せるデータでない限り、通常のテーブルにします。",
    ),
    level=Level.INFO,
)
KINDS = ("create_stmt",)

_MESSAGE = Text(
    en="{table} is empty after a crash or failover, and always on standbys.",
    ja="{table} はクラッシュやフェイルオーバーの後に空になります。スタンバイでは常に空です。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if situation.node.relation.relpersistence == "u":
        yield situation.hazard(CARD, Level.INFO, situation.target, _MESSAGE(table=situation.target))
