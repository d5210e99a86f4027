"""IF EXISTS or IF NOT EXISTS that does nothing, and still takes the strong lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import LockMode, Table
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import table_of
from watari.sql.grammar import choice, kept

CARD = Card(
    id="wait-noop-still-locks",
    title=Text(en="A statement that does nothing still closes the table", ja="何もしない文でもテーブルが止まる"),
    condition=Text(
        en=(
            "ADD COLUMN IF NOT EXISTS of a column that is there, DROP COLUMN or DROP CONSTRAINT IF "
            "EXISTS of one that is not, DROP NOT NULL of a nullable column"
        ),
        ja=(
            "既存カラムの ADD COLUMN IF NOT EXISTS、存在しないものの DROP COLUMN / CONSTRAINT IF EXIS"
            "TS、NULL 可カラムの DROP NOT NULL の場合"
        ),
    ),
    harm=Text(
        en="It queues like the real one: behind a long query everybody waits, for nothing.",
        ja="実際の変更と同じく列に並びます。長いクエリがあれば、何の効果もなく全員が待たされます。",
    ),
    fact="ACCESS EXCLUSIVE for all of these no-ops, measured on 15 and 18",
    safer=Text(
        en="Leave it out where the catalog says that nothing is to do; watari does.",
        ja="カタログ上不要なら省きます（watari は省略します）。",
    ),
)
KINDS = (
    "alter_table_stmt AT_AddColumn existing",
    "alter_table_stmt AT_DropColumn existing",
    "alter_table_stmt AT_DropConstraint existing",
    "alter_table_stmt AT_DropNotNull existing",
)

_MESSAGE = Text(
    en="This changes nothing of {table}, and closes it all the same until the lock was there.",
    ja="{table} には何の変更もありませんが、ロックを取得するまで読み書きが止まります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard: where every subcommand has nothing to do on a large table."""
    table = table_of(situation, situation.target)
    commands = [wrapper.alter_table_cmd for wrapper in situation.node.cmds]
    if table is None or not table.owner or not table.columns or not situation.is_large(table):
        return
    if commands and all(_is_done(situation, table, command) for command in commands):
        facts = situation.size_facts(table.name) | {"lock": str(LockMode.ACCESS_EXCLUSIVE)}
        yield situation.hazard(CARD, Level.WARN, table.name, _MESSAGE(table=table.name), facts=facts)


def _is_done(situation: Situation, table: Table, command: Any) -> bool:
    subtype = choice(command, "subtype")
    if subtype == "AT_AddColumn":
        return bool(command.missing_ok) and table.column(kept(command).colname) is not None
    if subtype == "AT_DropColumn":
        return bool(command.missing_ok) and table.column(command.name) is None
    if subtype == "AT_DropConstraint":
        constraints = situation.world.constraints_of(table.name)
        return bool(command.missing_ok) and command.name not in {constraint.name for constraint in constraints}
    column = table.column(command.name) if subtype == "AT_DropNotNull" else None
    return column is not None and not column.not_null
