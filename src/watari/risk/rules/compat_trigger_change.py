"""A trigger or rule comes or goes: a strong lock for a moment, and other behaviour for every writer."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import OWN_PREFIX, Situation

CARD = Card(
    id="compat-trigger-change",
    title=Text(en="A trigger or rule of a table changes", ja="テーブルのトリガー・ルールが変わる"),
    condition=Text(
        en="CREATE TRIGGER or CREATE RULE on a table that was there before",
        ja="既存テーブルに CREATE TRIGGER・CREATE RULE を実行する場合",
    ),
    harm=Text(
        en=(
            "Writers wait for a moment (a rule: readers too), and from then on every write does what the trigger does."
        ),
        ja=("書き込みが一瞬止まり（ルールは参照も）、以後のすべての書き込みでトリガーの処理が動きます。"),
    ),
    fact=("SHARE ROW EXCLUSIVE for CREATE TRIGGER, ACCESS EXCLUSIVE for rules, measured on 15 and 18"),
    safer=Text(
        en=(
            "CREATE OR REPLACE TRIGGER instead of DROP and CREATE; a short lock_timeout with retries (watari has one)."
        ),
        ja=(
            "DROP と CREATE ではなく CREATE OR REPLACE TRIGGER を使い、短い lock_timeout と再試行で実"
            "行します（watari が行います）。"
        ),
    ),
    level=Level.INFO,
)
KINDS = (
    "create_trig_stmt",
    "rule_stmt",
)

_MESSAGE = Text(
    en="Writers of {table} wait for a moment, and every write runs {trigger} from here on.",
    ja="{table} の書き込みが一瞬止まり、以後はすべての書き込みで {trigger} が動きます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    name, table = (
        (node.trigname, situation.target) if situation.kind == "create_trig_stmt" else (node.rulename, situation.target)
    )
    if situation.old(table) and not situation.world.is_empty(table) and not name.startswith(OWN_PREFIX):
        facts = situation.size_facts(table)
        yield situation.hazard(CARD, Level.INFO, table, _MESSAGE(trigger=name, table=table), facts=facts)
