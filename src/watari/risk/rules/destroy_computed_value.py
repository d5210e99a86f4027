"""Values that were filled in by themselves are filled in no more."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Column, Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import column_of, commands_in, earlier, later
from watari.sql.grammar import Written, choice, kept, strings

CARD = Card(
    id="destroy-computed-value",
    title=Text(en="A value is no longer filled in", ja="値が自動で設定されなくなる"),
    condition=Text(
        en=("DROP DEFAULT, DROP EXPRESSION, DROP IDENTITY of a column that was there before, or DROP TRIGGER"),
        ja=("既存カラムの DROP DEFAULT・DROP EXPRESSION・DROP IDENTITY、または DROP TRIGGER を実行する場合"),
    ),
    harm=Text(
        en=(
            "INSERTs that count on it write NULL or fail, and generated values no longer follow what "
            "they were made from."
        ),
        ja="これに頼る INSERT は NULL を書くか失敗し、生成された値は元の値に追従しなくなります。",
    ),
    fact="pg_attrdef, pg_attribute, pg_trigger of the live table",
    safer=Text(
        en="First the release that fills the value in itself, then the drop.",
        ja="値を自分で設定するリリースを先に配備し、その後に削除します。",
    ),
)
KINDS = (
    "alter_table_stmt AT_ColumnDefault",
    "alter_table_stmt AT_DropExpression",
    "alter_table_stmt AT_DropIdentity",
    "drop_stmt OBJECT_TRIGGER",
)

_MESSAGE = Text(
    en=("{column} of {table} was filled in by {how}; INSERTs that leave it out write NULL or fail from here on."),
    ja=("{table} の {column} は {how} で設定されていました。以後、省略した INSERT は NULL になるか失敗します。"),
)
_TRIGGER = Text(
    en="What {trigger} does for rows of {table} is left undone from here on.",
    ja="以後、{table} の行に対する {trigger} の処理は行われません。",
)


_SUBTYPES = ("AT_ColumnDefault", "AT_DropExpression", "AT_DropIdentity")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column or trigger."""
    if situation.kind == "drop_stmt":
        yield from _triggers(situation)
        return
    table = situation.target
    for command in situation.commands(*_SUBTYPES):
        column = column_of(situation.world, table, command.name)
        if command.HasField("def") or not situation.old(table) or _set_again(situation, table, command.name):
            continue
        filled = column is None or column.default or column.identity or column.generated
        if filled and (column is not None or not situation.world.known) and column not in _added(situation):
            how = (column.default or "identity") if column else "?"
            message = _MESSAGE(column=command.name, table=table, how=how)
            yield situation.hazard(CARD, Level.WARN, f"{table}.{command.name}", message)


def _added(situation: Situation) -> list[Column | None]:
    """The columns that the migration itself added: `compat-default-removed` is about those."""
    table = situation.target
    return [
        column_of(situation.world, table, kept(command).colname)
        for node in earlier(situation, "alter_table_stmt")
        for command in commands_in(node, "AT_AddColumn")
        if node.relation.relname == table.name and situation.name(node.relation) == table
    ]


def _set_again(situation: Situation, table: Name, column: str) -> bool:
    """Whether the same statement or a later one gives the column a value again, a new type, or drops it."""
    again = ("AT_ColumnDefault", "AT_AddIdentity", "AT_SetIdentity", "AT_DropColumn")
    return any(
        command.name == column and (command.HasField("def") or choice(command, "subtype") == "AT_DropColumn")
        for node in (situation.node, *later(situation, "alter_table_stmt"))
        if node.relation.relname == table.name and situation.name(node.relation) == table
        for command in commands_in(node, *again)
    )


def _triggers(situation: Situation) -> Iterator[Hazard]:
    if choice(situation.node, "remove_type") != "OBJECT_TRIGGER":
        return
    again = {node.trigname for node in later(situation, "create_trig_stmt")}
    for item in situation.node.objects:
        names = strings(item.list.items)
        table = situation.world.resolve(Written(names[-3] if len(names) > 2 else None, names[-2]))
        known = [trigger for trigger in situation.world.triggers_of(table) if trigger.name == names[-1]]
        if names[-1] in again or not situation.old(table) or (situation.world.known and not known):
            continue
        safer = known[0].definition + ";" if known else None
        message = _TRIGGER(trigger=names[-1], table=table)
        yield situation.hazard(CARD, Level.WARN, f"{table}.{names[-1]}", message, safer=safer)
