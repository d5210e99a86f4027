"""A statement about one table closes another one to readers."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode, Name
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.sql.grammar import written_list

CARD = Card(
    id="wait-foreign-victim",
    title=Text(en="A statement about one table closes another", ja="あるテーブルへの文が別のテーブルを止める"),
    condition=Text(
        en="DROP TABLE, DROP CONSTRAINT or DROP COLUMN with a foreign key, DROP of a partition, a type change of a key",
        ja="外部キーを伴う DROP TABLE・DROP CONSTRAINT・DROP COLUMN、パーティションの DROP、キーの型変更を実行する場合",
    ),
    harm=Text(
        en="Readers and writers of the referenced (or partitioned) table wait too, though the statement does "
        "not name it.",
        ja="文に名前のない参照先（またはパーティション親）テーブルの読み書きも待たされます。",
    ),
    fact="ACCESS EXCLUSIVE on the other table, measured on 15 and 18",
    safer=Text(
        en="Each foreign key dropped alone with a short lock_timeout before the rest; partitions detached "
        "concurrently first.",
        ja="外部キーは短い lock_timeout で 1 つずつ先に削除し、パーティションは先に DETACH CONCURRENTLY します。",
    ),
)
KINDS = ("alter_table_stmt closes", "drop_stmt closes")

_MESSAGE = Text(
    en="{other} is closed to readers and writers too while this runs.",
    ja="この文の実行中、{other} の読み書きも止まります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard for each other table that is large."""
    named = _named(situation)
    for effect in situation.effects.effects:
        if effect.lock is not LockMode.ACCESS_EXCLUSIVE or effect.created or effect.rewrite or effect.scan:
            continue
        name = name_of(effect.relation)
        table = situation.world.table(name) if name else None
        if table is None or table.name in named or table.kind.value not in "rp" or effect.destroys:
            continue
        if any(parent in named for parent in table.parents):
            continue
        facts = situation.size_facts(table.name) | {"lock": str(effect.lock)}
        level = situation.level_of(table.name)
        yield situation.hazard(CARD, level, table.name, _MESSAGE(other=table.name), facts=facts)


def _named(situation: Situation) -> set[Name]:
    if situation.kind == "alter_table_stmt":
        target = situation.target
        return {target, *situation.world.family(target)}
    words = (written_list(item) for item in situation.node.objects)
    return {situation.world.resolve(name) for name in words}
