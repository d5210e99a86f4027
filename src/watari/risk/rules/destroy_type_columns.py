"""A type is dropped with the columns that have it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import TableKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped
from watari.sql.grammar import choice

CARD = Card(
    id="destroy-type-columns",
    title=Text(en="Dropping a type drops the columns of that type", ja="型の削除で、その型のカラムも消える"),
    condition=Text(
        en="DROP TYPE or DROP DOMAIN … CASCADE of a type that columns of tables have",
        ja="テーブルのカラムが使っている型・ドメインを CASCADE 付きで削除する場合",
    ),
    harm=Text(
        en="The tables stay and lose those columns with all their values.",
        ja="テーブルは残りますが、その型のカラムは値ごと失われます。",
    ),
    fact="measured on 15 and 18: the columns are gone, without an error",
    safer=Text(
        en="Give the columns another type first, then DROP TYPE without CASCADE.",
        ja="先にカラムを別の型に変更し、CASCADE なしで DROP TYPE します。",
    ),
    level=Level.BLOCK,
)
KINDS = ("drop_stmt OBJECT_TYPE", "drop_stmt OBJECT_DOMAIN")

_MESSAGE = Text(
    en="{column} of {table} is of type {type} and goes with it, values and all ({amount}).",
    ja="{table} の {column} は型 {type} のため、値ごと一緒に削除されます（{amount}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    if choice(situation.node, "behavior") != "DROP_CASCADE":
        return
    for name in dropped(situation, "OBJECT_TYPE", "OBJECT_DOMAIN"):
        for table in situation.world.tables():
            for column in table.columns:
                bare = column.type.removesuffix("[]")
                if table.kind is TableKind.VIEW or bare not in (str(name), name.name) or not situation.old(table.name):
                    continue
                facts = situation.size_facts(table.name)
                level = Level.WARN if situation.world.is_empty(table.name) else Level.BLOCK
                message = _MESSAGE(type=name, column=column.name, table=table.name, amount=amount(facts))
                yield situation.hazard(CARD, level, f"{table.name}.{column.name}", message, facts=facts)
