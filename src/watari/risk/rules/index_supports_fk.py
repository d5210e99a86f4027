"""The only index over the columns of a foreign key is dropped."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import ConstraintKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.surroundings import covers, dropped

CARD = Card(
    id="index-supports-fk",
    title=Text(en="The only index behind a foreign key is dropped", ja="外部キー列の唯一のインデックスを削除する"),
    condition=Text(
        en="DROP INDEX of the only index that begins with the referencing columns of a foreign key",
        ja="外部キーの参照元カラムで始まる唯一のインデックスを DROP INDEX する場合",
    ),
    harm=Text(
        en=("Every DELETE and key UPDATE of the referenced table then reads the whole referencing table, row by row."),
        ja=("以後、参照先テーブルの DELETE やキーの UPDATE のたびに、参照元テーブル全体が走査されます。"),
    ),
    fact="accepted without a word; one parent DELETE scanned the child, measured on 15 and 18",
    safer=Text(
        en="Keep it, or build its successor concurrently first.",
        ja="残すか、後継のインデックスを先に CONCURRENTLY で作成します。",
    ),
)
KINDS = ("drop_stmt OBJECT_INDEX",)

_MESSAGE = Text(
    en="Without {index} every DELETE in {referenced} reads {table} whole, because of {key}.",
    ja=("{index} がなくなると、{key} のため {referenced} の DELETE のたびに {table} 全体が走査されます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a foreign key that is left without an index."""
    world, going = situation.world, set(dropped(situation, "OBJECT_INDEX"))
    for name in going:
        index = world.index(name)
        if index is None or not situation.old(index.table):
            continue
        left = [other for other in world.indexes_of(index.table) if other.name not in going]
        for key in world.constraints_of(index.table, ConstraintKind.FOREIGN_KEY):
            if covers(index, key.columns) and not any(covers(other, key.columns) for other in left):
                message = _MESSAGE(index=name, key=key.name, referenced=key.references, table=key.table)
                facts = situation.size_facts(key.table)
                yield situation.hazard(CARD, situation.level_of(key.table), name, message, facts=facts)
