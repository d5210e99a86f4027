"""Readers of a standby wait for ACCESS EXCLUSIVE of the primary as well."""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence import Blocks
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import CLOSING, closed_tables

CARD = Card(
    id="repl-standby-readers",
    title=Text(
        en="Readers on the standbys wait too",
        ja="スタンバイの読み取りも待たされる",
    ),
    condition=Text(
        en="a statement that takes ACCESS EXCLUSIVE on a table that was there before, while standbys replay this server",
        ja="スタンバイがあるサーバーで、既存テーブルに ACCESS EXCLUSIVE を取る文の場合",
    ),
    harm=Text(
        en="The lock is carried to every standby as soon as it is taken, before the commit: queries of the table wait there too, for as long as it is held.",
        ja="ロックはコミット前、取得と同時にすべてのスタンバイへ伝わり、保持されている間はそこでの検索も待たされます。",
    ),
    fact="readers of the table on a standby wait before the commit; SHARE and SHARE ROW EXCLUSIVE do not reach it: measured on 15 and 18",
    safer=Text(
        en="Short steps; for work through data a form that does not take ACCESS EXCLUSIVE.",
        ja="ステップを短くし、データの処理には ACCESS EXCLUSIVE を取らない方法を使います。",
    ),
)
KINDS = CLOSING

_MESSAGE = Text(
    en="Readers of {table} on {standbys} wait as long as those on the primary: for the whole work.",
    ja="{standbys} での {table} の読み取りも、プライマリと同様に処理が終わるまで待たされます。",
)
_MOMENT = Text(
    en="Readers of {table} on {standbys} wait until this transaction ends, as those on the primary do.",
    ja="{standbys} での {table} の読み取りも、プライマリと同様にトランザクションの終了まで待たされます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table: loud where the lock lasts as long as the work, a mention where it is a moment."""
    catalog = situation.world.catalog
    standbys = catalog.cluster.standbys if catalog and catalog.cluster else ()
    if not standbys:
        return
    for name in closed_tables(situation):
        works = situation.effects.blocks is Blocks.WORK and situation.level_of(name) is Level.WARN
        names = ", ".join(standby.name for standby in standbys)
        message = (_MESSAGE if works else _MOMENT)(table=name, standbys=names)
        facts = {"standbys": [standby.name for standby in standbys]}
        yield situation.hazard(CARD, Level.WARN if works else Level.INFO, name, message, facts=facts)
