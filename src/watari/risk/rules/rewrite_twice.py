"""A table is written anew by two statements where one would do."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import TableKind
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of

CARD = Card(
    id="rewrite-twice",
    title=Text(en="A table is written anew twice", ja="テーブルが二度書き直される"),
    condition=Text(
        en="two statements of one migration that each write the same table anew",
        ja="1 つのマイグレーションの 2 つの文が、同じテーブルをそれぞれ書き直す場合",
    ),
    harm=Text(
        en="Readers and writers wait twice as long as they would have to.",
        ja="読み書きが必要以上に、二度待たされます。",
    ),
    fact="one ALTER TABLE with both did one pass over the table, measured on 15 and 18",
    safer=Text(
        en="One ALTER TABLE with both subcommands (not with VALIDATE, which is better alone).",
        ja="1 つの ALTER TABLE にまとめます（単独がよい VALIDATE は除く）。",
    ),
)
KINDS = ("alter_table_stmt rewrites",)

_MESSAGE = Text(
    en=("{table} was written anew in line {line} already; one ALTER TABLE with both would do it once."),
    ja=("{table} は {line} 行目でも書き直されています。1 つの ALTER TABLE にまとめれば一度で済みます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    for effect in situation.effects.effects:
        name = name_of(effect.relation) if effect.rewrite and not effect.created else None
        first = situation.rewritten.get(name) if name is not None else None
        table = table_of(situation, name) if name is not None and first is not None else None
        if table is not None and table.kind is TableKind.TABLE:
            message = _MESSAGE(table=table.name, line=first)
            yield situation.hazard(CARD, situation.level_of(table.name), table.name, message)
