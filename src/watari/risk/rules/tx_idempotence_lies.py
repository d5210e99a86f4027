"""IF NOT EXISTS over something of another shape: skipped, and reported as success."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of
from watari.sql.grammar import kept, type_ref

CARD = Card(
    id="tx-idempotence-lies",
    title=Text(en="IF NOT EXISTS passes over something of another shape", ja="IF NOT EXISTS が形の違うものを見逃す"),
    condition=Text(
        en=(
            "ADD COLUMN IF NOT EXISTS of a column that has another type, or CREATE TABLE IF NOT "
            "EXISTS of a table that lacks columns"
        ),
        ja=(
            "型の異なる既存カラムへの ADD COLUMN IF NOT EXISTS、またはカラムの足りない既存テーブルへの"
            " CREATE TABLE IF NOT EXISTS の場合"
        ),
    ),
    harm=Text(
        en=("Nothing is changed and success is reported; the code that counts on the new shape fails later."),
        ja="何も変更されずに成功扱いになり、新しい形を前提とするコードが後で失敗します。",
    ),
    fact="silently skipped, measured on 15 and 18",
    safer=Text(
        en="Without IF NOT EXISTS, and an ALTER for what is there.",
        ja="IF NOT EXISTS を外し、既存のものには ALTER を使います。",
    ),
)
KINDS = ("alter_table_stmt AT_AddColumn", "create_stmt")

_TYPE = Text(
    en=("{column} is there already as {type}: it does not become {wanted}, and success is reported."),
    ja="{column} は既に {type} で存在します。{wanted} にはならず、成功扱いになります。",
)
_COLUMNS = Text(
    en="{table} is there already without {names}: nothing is added, and success is reported.",
    ja="{table} は既に存在し、{names} がありません。追加されないまま成功扱いになります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column or table."""
    if situation.kind == "create_stmt":
        yield from _table(situation)
        return
    table = situation.target
    for command in situation.commands("AT_AddColumn"):
        definition = kept(command)
        column = column_of(situation.world, table, definition.colname) if command.missing_ok else None
        if column is None:
            continue
        wanted = type_ref(definition.type_name)
        if str(wanted) != column.type and wanted.schema is None:
            object = f"{table}.{column.name}"
            message = _TYPE(column=object, type=column.type, wanted=wanted)
            yield situation.hazard(CARD, Level.WARN, object, message)


def _table(situation: Situation) -> Iterator[Hazard]:
    node = situation.node
    table = situation.world.table(situation.target) if node.if_not_exists else None
    if table is None or not table.columns:
        return
    wanted = [part.column_def.colname for part in node.table_elts if part.WhichOneof("node") == "column_def"]
    missing = [name for name in wanted if table.column(name) is None]
    if missing:
        message = _COLUMNS(table=table.name, names=", ".join(missing))
        yield situation.hazard(CARD, Level.WARN, table.name, message)
