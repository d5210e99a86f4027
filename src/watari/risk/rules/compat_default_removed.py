"""A column comes NOT NULL with a default, and the default goes at once."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import commands_in, earlier
from watari.sql.grammar import choice, kept

CARD = Card(
    id="compat-default-removed",
    title=Text(
        en="The default of a new required column is taken away", ja="必須の新カラムのデフォルト値がすぐ外される"
    ),
    condition=Text(
        en="ADD COLUMN … NOT NULL DEFAULT and DROP DEFAULT in one migration",
        ja="ADD COLUMN … NOT NULL DEFAULT と DROP DEFAULT が同じマイグレーションにある場合",
    ),
    harm=Text(
        en="INSERTs of the release that is running do not know the column and fail with 23502.",
        ja="稼働中のリリースの INSERT はこのカラムを知らず、23502 エラーになります。",
    ),
    fact="23502, measured on 15 and 18; several frameworks generate it so",
    safer=Text(
        en="Keep the default until no release is running that leaves the column out.",
        ja="このカラムを省略するリリースがなくなるまでデフォルト値を残します。",
    ),
)
KINDS = ("alter_table_stmt AT_ColumnDefault",)

_MESSAGE = Text(
    en=(
        "{column} of {table} is required and has no default from here on: INSERTs of the release "
        "that is running fail (23502)."
    ),
    ja=("以後 {table} の {column} は必須でデフォルト値がないため、稼働中のリリースの INSERT が失敗します（23502）。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = situation.target
    for command in situation.commands("AT_ColumnDefault"):
        if not command.HasField("def") and situation.old(table) and _required(situation, table, command.name):
            message = _MESSAGE(column=command.name, table=table)
            yield situation.hazard(CARD, Level.WARN, f"{table}.{command.name}", message)


def _required(situation: Situation, table: Name, column: str) -> bool:
    """Whether a statement before added the column NOT NULL."""
    for node in earlier(situation, "alter_table_stmt"):
        if node.relation.relname != table.name or situation.name(node.relation) != table:
            continue
        for command in commands_in(node, "AT_AddColumn"):
            kinds = {choice(part.constraint, "contype") for part in kept(command).constraints}
            if kept(command).colname == column and "CONSTR_NOTNULL" in kinds:
                return True
    return False
