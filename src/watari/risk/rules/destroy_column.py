"""DROP COLUMN: its values are gone, and with them what has the column."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.alteration import uses_column
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.loss import dependants_of
from watari.risk.phrases import amount
from watari.risk.situation import OWN_PREFIX, Situation

CARD = Card(
    id="destroy-column",
    title=Text(en="A column is dropped with its values", ja="カラムが値ごと削除される"),
    condition=Text(
        en="DROP COLUMN of a column that was there before, on a table that holds rows",
        ja="データのあるテーブルの既存カラムを DROP COLUMN する場合",
    ),
    harm=Text(
        en="The values cannot be brought back except from a backup; indexes, checks and keys that have the "
        "column vanish whole, without a word; code that still names it fails.",
        ja="値はバックアップ以外から戻せません。そのカラムを含むインデックス・CHECK・"
        "キーも警告なく全体が失われ、参照しているコードはエラーになります。",
    ),
    fact="rows of the live catalog; multi-column indexes and checks vanish whole, measured on 15 and 18",
    safer=Text(
        en="First code that neither reads nor writes it; keep the values apart; then drop it in a later migration.",
        ja="まず読み書きしないコードに置き換え、値を退避したうえで、後のマイグレーションで削除します。",
    ),
)
KINDS = ("alter_table_stmt AT_DropColumn",)

_MESSAGE = Text(
    en="The values of {column} in {table} are gone after this ({amount}); only a backup brings them back, "
    "and code that still names the column fails.{also}",
    ja="{table} の {column} の値は失われます（{amount}）。戻すにはバックアップが必要で、"
    "このカラムを参照するコードはエラーになります。{also}",
)
_NULLS = Text(
    en="{column} of {table} holds nothing but NULL; code that still names the column fails.{also}",
    ja="{table} の {column} はすべて NULL です。このカラムを参照するコードはエラーになります。{also}",
)
_ALSO = Text(en=" These go with it: {names}.", ja="一緒に失われるもの: {names}。")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    for command in situation.commands("AT_DropColumn"):
        name, column = situation.target, command.name
        table = situation.world.table(name)
        known = table.column(column) if table else None
        if not situation.old(name) or column.startswith(OWN_PREFIX):
            continue
        if table is not None and table.columns and (known is None or known.generated):
            continue
        facts = situation.size_facts(name)
        goes = _goes_along(situation, name, column)
        nothing = known is not None and known.null_fraction == 1.0
        also = _ALSO(names=", ".join(goes)) if goes else ""
        words = _NULLS if nothing else _MESSAGE
        message = words(column=column, table=name, amount=amount(facts), also=also)
        quiet = nothing or situation.world.is_empty(name)
        level = Level.INFO if quiet else Level.BLOCK
        yield situation.hazard(CARD, level, f"{name}.{column}", message, facts=facts | {"dependants": goes})


def _goes_along(situation: Situation, table: Name, column: str) -> list[str]:
    world = situation.world
    indexes = [str(i.name) for i in world.indexes_of(table) if not i.constraint and uses_column(i, column)]
    constraints = [c.name for c in world.constraints_of(table) if column in c.columns and c.kind.value != "n"]
    return [*indexes, *constraints, *dependants_of(situation, table, column)]
