"""A foreign key between columns of two types."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints, column_of, key_columns
from watari.sql.grammar import strings

CARD = Card(
    id="proof-fk-types",
    title=Text(en="A foreign key joins columns of two types", ja="外部キーの両側で型が異なる"),
    condition=Text(
        en="a new foreign key whose column has another type than the column that it references",
        ja="外部キーのカラムと参照先カラムの型が異なる場合",
    ),
    harm=Text(
        en=(
            "Values of the wider type do not fit into the narrower one: inserts fail when the keys have grown that far."
        ),
        ja="広い型の値が狭い型に入らず、キーが増えた時点で INSERT が失敗します。",
    ),
    fact=("int → bigint is accepted without a word, text → bigint is refused (42804), measured on 15 and 18"),
    safer=Text(en="The same type on both sides.", ja="両側を同じ型にします。"),
)
KINDS = ("alter_table_stmt AT_AddConstraint",)

_MESSAGE = Text(
    en=("{column} is {type} and {key} is {other}: values that fit into one do not fit into the other."),
    ja="{column} は {type}、{key} は {other} です。一方に入る値がもう一方に入りません。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a pair of columns; only where both are known."""
    world, table = situation.world, situation.target
    for constraint in added_constraints(situation, "CONSTR_FOREIGN"):
        referenced = situation.name(constraint.pktable)
        theirs = strings(constraint.pk_attrs) or key_columns(world, referenced)
        for mine, other in zip(strings(constraint.fk_attrs), theirs, strict=False):
            column, key = column_of(world, table, mine), column_of(world, referenced, other)
            if column is None or key is None or column.type == key.type:
                continue
            message = _MESSAGE(column=f"{table}.{mine}", type=column.type, key=f"{referenced}.{other}", other=key.type)
            yield situation.hazard(CARD, Level.WARN, f"{table}.{mine}", message)
