"""DROP INDEX of an index that belongs to a constraint: the server refuses."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped
from watari.sql.compose import composed

CARD = Card(
    id="index-backs-constraint",
    title=Text(en="An index that a constraint owns cannot be dropped", ja="制約が所有するインデックスは削除できない"),
    condition=Text(
        en="DROP INDEX of the index of a primary key, unique or exclusion constraint",
        ja="主キー・一意制約・排他制約のインデックスを DROP INDEX する場合",
    ),
    harm=Text(
        en="The server refuses (2BP01) and the migration stops there.",
        ja="サーバーがエラー（2BP01）を返し、マイグレーションはそこで止まります。",
    ),
    fact="2BP01, measured on 15 and 18",
    safer=Text(en="ALTER TABLE … DROP CONSTRAINT.", ja="ALTER TABLE … DROP CONSTRAINT を使います。"),
    level=Level.BLOCK,
)
KINDS = ("drop_stmt OBJECT_INDEX",)

_MESSAGE = Text(
    en=("{index} belongs to the constraint {constraint} of {table}: the server refuses to drop it (2BP01)."),
    ja="{index} は {table} の制約 {constraint} のものなので、サーバーに拒否されます（2BP01）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an index."""
    for name in dropped(situation, "OBJECT_INDEX"):
        index = situation.world.index(name)
        if index is not None and index.constraint:
            safer = composed("ALTER TABLE {table} DROP CONSTRAINT {name};", table=index.table, name=index.constraint)
            message = _MESSAGE(index=name, constraint=index.constraint, table=index.table)
            yield situation.hazard(CARD, Level.BLOCK, name, message, safer=safer)
