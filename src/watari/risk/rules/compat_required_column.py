"""ADD COLUMN NOT NULL without a default: fails where rows are, and breaks the INSERTs of running code."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation
from watari.sql.grammar import choice, kept, type_ref

CARD = Card(
    id="compat-required-column",
    title=Text(en="A required column without a default", ja="デフォルト値のない必須カラムの追加"),
    condition=Text(
        en="ADD COLUMN … NOT NULL without a default, on a table that was there before",
        ja="既存のテーブルにデフォルト値のない NOT NULL カラムを追加する場合",
    ),
    harm=Text(
        en="It fails with 23502 where the table holds rows; where it does not, the INSERTs of the release "
        "that is running fail.",
        ja="行があれば 23502 エラーで失敗し、行がなくても稼働中のリリースの INSERT がエラーになります。",
    ),
    fact="23502 measured on 15 and 18",
    safer=Text(
        en="A default, or first a nullable column, filled in batches, then NOT NULL by proof.",
        ja="デフォルト値を付けるか、NULL を許すカラムを追加して段階的に埋めた後、NOT NULL を検証します。",
    ),
)
KINDS = ("alter_table_stmt AT_AddColumn existing",)

_FAILS = Text(
    en="{column} is NOT NULL and has no value for the rows of {table} ({amount}): the statement fails with 23502.",
    ja="{table} の既存の行（{amount}）に {column} の値がないため、この文は 23502 エラーで失敗します。",
)
_BREAKS = Text(
    en="{column} of {table} is required and has no default: INSERTs of the release that is running fail.",
    ja="{table} の {column} は必須でデフォルト値がないため、稼働中のリリースの INSERT がエラーになります。",
)
_FREE = frozenset({"CONSTR_DEFAULT", "CONSTR_GENERATED", "CONSTR_IDENTITY"})


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    name = situation.target if situation.kind == "alter_table_stmt" else None
    for command in situation.commands("AT_AddColumn"):
        definition = kept(command)
        kinds = {choice(node.constraint, "contype") for node in definition.constraints}
        required = {"CONSTR_NOTNULL", "CONSTR_PRIMARY"} & kinds
        if (
            not required
            or _FREE & kinds
            or type_ref(definition.type_name).serial
            or name is None
            or not situation.old(name)
        ):
            continue
        empty = situation.world.is_empty(name)
        facts = situation.size_facts(name)
        words = _BREAKS if empty else _FAILS
        message = words(column=definition.colname, table=name, amount=amount(facts))
        level = Level.WARN if empty else Level.BLOCK
        yield situation.hazard(CARD, level, f"{name}.{definition.colname}", message, facts=facts)
