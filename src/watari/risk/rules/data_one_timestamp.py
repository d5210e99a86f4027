"""Every row that is there gets the time of the migration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import amount
from watari.risk.situation import Situation
from watari.sql.grammar import choice, function_calls, kept, messages

CARD = Card(
    id="data-one-timestamp",
    title=Text(en="Old rows get the time of the migration", ja="既存の行がマイグレーションの時刻になる"),
    condition=Text(
        en="ADD COLUMN … DEFAULT now() on a table that holds rows",
        ja="行のあるテーブルに ADD COLUMN … DEFAULT now() を実行する場合",
    ),
    harm=Text(
        en="All old rows carry one and the same time, which looks like a fact and is none.",
        ja="既存の行がすべて同じ時刻になり、実際の日時のように見えてしまいます。",
    ),
    fact="evaluated once, no rewrite, measured on 15 and 18",
    safer=Text(
        en=("The column without a default, then SET DEFAULT now(), and the old rows filled with what is known."),
        ja="デフォルトなしで追加してから SET DEFAULT now() とし、既存行には分かる値を埋めます。",
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt AT_AddColumn existing",)

_MESSAGE = Text(
    en="Every row of {table} ({amount}) gets the time of this migration as {column}.",
    ja=("{table} の既存の行（{amount}）の {column} が、すべてこのマイグレーションの時刻になります。"),
)


_NOW = frozenset({"now", "transaction_timestamp", "statement_timestamp"})
_WORDS = ("SVFOP_CURRENT_TIMESTAMP", "SVFOP_CURRENT_DATE", "SVFOP_LOCALTIMESTAMP", "SVFOP_CURRENT_TIMESTAMP_N")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a column."""
    table = situation.target
    if not situation.old(table) or situation.world.is_empty(table):
        return
    for command in situation.commands("AT_AddColumn"):
        definition = kept(command)
        defaults = [
            p.constraint.raw_expr for p in definition.constraints if choice(p.constraint, "contype") == "CONSTR_DEFAULT"
        ]
        if any(_tells_time(expression) for expression in defaults):
            object = f"{table}.{definition.colname}"
            facts = situation.size_facts(table)
            message = _MESSAGE(column=definition.colname, table=table, amount=amount(facts))
            yield situation.hazard(CARD, Level.INFO, object, message, facts=facts)


def _tells_time(expression: Any) -> bool:
    if any(call.name in _NOW for call in function_calls(expression)):
        return True
    return any(m.DESCRIPTOR.name == "SQLValueFunction" and choice(m, "op") in _WORDS for m in messages(expression))
