"""Triggers are switched off, with ALL also those that keep foreign keys."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import choice

CARD = Card(
    id="destroy-trigger-disabled",
    title=Text(en="Triggers are switched off", ja="トリガーを無効化する"),
    condition=Text(
        en="DISABLE TRIGGER, or SET session_replication_role = replica",
        ja="DISABLE TRIGGER や SET session_replication_role = replica を実行する場合",
    ),
    harm=Text(
        en=(
            "What the triggers do is left undone for every session; with ALL foreign keys are not "
            "checked, and nothing looks again later."
        ),
        ja=("全セッションでトリガーの処理が行われません。ALL では外部キーも検査されず、後から再検査もされません。"),
    ),
    fact=("DISABLE TRIGGER ALL includes the triggers of foreign keys; SHARE ROW EXCLUSIVE, measured on 15 and 18"),
    safer=Text(
        en="Leave them on; a function that returns early for the session that needs it.",
        ja="無効化せず、必要なセッションだけトリガー関数側で早期に RETURN させます。",
    ),
    level=Level.BLOCK,
)
KINDS = (
    "alter_table_stmt AT_DisableTrig",
    "alter_table_stmt AT_DisableTrigAll",
    "alter_table_stmt AT_DisableTrigUser",
    "variable_set_stmt",
)

_ALL = Text(
    en=("No trigger of {table} runs any more, foreign keys included: rows that break them are accepted for good."),
    ja=("{table} のトリガーは外部キーの検査も含めてすべて動かなくなり、違反する行がそのまま残ります。"),
)
_SOME = Text(
    en="{trigger} of {table} does not run any more, for no session.",
    ja="{table} の {trigger} が全セッションで動かなくなります。",
)
_SESSION = Text(
    en=("This session runs no triggers and checks no foreign keys from here on; rows that break them stay."),
    ja=("以後このセッションではトリガーも外部キーの検査も動きません。違反する行はそのまま残ります。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a subcommand or setting."""
    if situation.kind == "variable_set_stmt":
        node = situation.node
        value = node.args[0].a_const.sval.sval if node.args else ""
        if node.name == "session_replication_role" and value == "replica":
            yield situation.hazard(CARD, Level.WARN, node.name, _SESSION())
        return
    table = situation.target
    if not situation.old(table):
        return
    for command in situation.commands("AT_DisableTrig", "AT_DisableTrigAll", "AT_DisableTrigUser"):
        everything = choice(command, "subtype") == "AT_DisableTrigAll"
        message = _ALL(table=table) if everything else _SOME(table=table, trigger=command.name or "USER")
        yield situation.hazard(CARD, Level.BLOCK if everything else Level.WARN, table, message)
