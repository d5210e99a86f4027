"""A long query on a standby stops the replay of everything, and is cancelled in the end."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import duration
from watari.risk.situation import Situation
from watari.risk.surroundings import CLOSING, closed_tables

CARD = Card(
    id="repl-standby-conflict",
    title=Text(
        en="A query on a standby and this lock stand in each other's way",
        ja="スタンバイの長いクエリとこのロックが衝突する",
    ),
    condition=Text(
        en="a statement that takes ACCESS EXCLUSIVE, while a standby has an old snapshot open or does not get on with its replay",
        ja="スタンバイで古いスナップショットが開いているか再生が遅れている間に、ACCESS EXCLUSIVE を取る文の場合",
    ),
    harm=Text(
        en="Where such a query reads the table, the standby replays nothing at all until max_standby_streaming_delay is over, then the query is cancelled (40001).",
        ja="そのクエリが対象テーブルを読んでいると、max_standby_streaming_delay が過ぎるまでスタンバイの再生がすべて止まり、その後クエリが取り消されます（40001）。",
    ),
    fact="replay stopped until the delay was over, then 40001: measured on 15 and 18; age of the snapshot from hot_standby_feedback",
    safer=Text(
        en="Wait until the queries of the standby are over, or take its readers elsewhere for the time.",
        ja="スタンバイのクエリが終わるのを待つか、その間読み取りを別へ逃がします。",
    ),
)
KINDS = CLOSING

_MESSAGE = Text(
    en="{standby} has had a query open for {age} transactions. If it reads {table}, the standby stops replaying until that query ends or is cancelled.",
    ja="{standby} では {age} トランザクション前からクエリが実行中です。{table} を読んでいる場合、終了または取り消しまで再生が止まります。",
)
_LATE = Text(
    en="{standby} is {age} behind with its replay. A query there that reads {table} makes it stop altogether.",
    ja="{standby} の再生は {age}遅れています。{table} を読むクエリがあると、再生が完全に止まります。",
)


#: So many transactions behind, a snapshot is an old one.
_OLD = 1000
#: A replay that is so many seconds behind does not get on.
_BEHIND = 5.0


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a standby, about the first of the tables."""
    catalog = situation.world.catalog
    standbys = catalog.cluster.standbys if catalog and catalog.cluster else ()
    table = next(iter(closed_tables(situation)), None) if standbys else None
    for standby in standbys if table is not None else ():
        behind, age = standby.behind or 0.0, standby.snapshot_age or 0
        if age >= _OLD:
            message = _MESSAGE(standby=standby.name, age=f"{age:,}", table=table)
        elif behind >= _BEHIND:
            message = _LATE(standby=standby.name, age=duration(behind), table=table)
        else:
            continue
        facts = {"standby": standby.name, "behind_seconds": round(behind, 1), "snapshot_age": age}
        yield situation.hazard(CARD, Level.WARN, str(table), message, facts=facts)
