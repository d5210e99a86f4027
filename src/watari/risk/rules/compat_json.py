"""A column of type json cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.compose import composed
from watari.sql.grammar import kept, type_ref

CARD = Card(
    id="compat-json",
    title=Text(
        en="A json column breaks DISTINCT, GROUP BY and UNION",
        ja="json 型のカラムで DISTINCT・GROUP BY・UNION が失敗する",
    ),
    condition=Text(
        en="ADD COLUMN of type json to a table that was there before",
        ja="既存テーブルに json 型のカラムを ADD COLUMN する場合",
    ),
    harm=Text(
        en=("SELECT DISTINCT *, GROUP BY and UNION over the table fail with 42883 from then on: json has no equality."),
        ja=("json には等値演算子がないため、SELECT DISTINCT *、GROUP BY、UNION が以後 42883 で失敗します。"),
    ),
    fact="manual, JSON Types; 42883",
    safer=Text(en="jsonb.", ja="jsonb を使います。"),
)
KINDS = ("alter_table_stmt AT_AddColumn existing",)

_MESSAGE = Text(
    en="{column} is json: SELECT DISTINCT * and UNION over {table} fail from here on.",
    ja="{column} は json 型です。以後 {table} に対する SELECT DISTINCT * や UNION は失敗します。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = situation.target
    for command in situation.commands("AT_AddColumn"):
        definition = kept(command)
        if str(type_ref(definition.type_name)) == "json" and situation.old(table):
            safer = composed("ALTER TABLE {table} ADD COLUMN {column} jsonb;", table=table, column=definition.colname)
            message = _MESSAGE(column=definition.colname, table=table)
            yield situation.hazard(CARD, Level.WARN, f"{table}.{definition.colname}", message, safer=safer)
