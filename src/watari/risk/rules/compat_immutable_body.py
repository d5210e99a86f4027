"""The body of an immutable function changes under an index that was built with the old one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from watari.catalog import ConstraintKind, Routine
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import same_function
from watari.risk.world import World
from watari.sql.grammar import strings

CARD = Card(
    id="compat-immutable-body",
    title=Text(en="An index answers with the results of the old function", ja="インデックスが旧関数の結果で答える"),
    condition=Text(
        en=("CREATE OR REPLACE of an IMMUTABLE function that an index, a check or a generated column uses"),
        ja="インデックス・CHECK・生成列が使っている IMMUTABLE 関数を CREATE OR REPLACE する場合",
    ),
    harm=Text(
        en="The index keeps the old results: queries find the wrong rows or none, without an error.",
        ja=("インデックスには旧関数の結果が残り、クエリがエラーなしに誤った行を返すか、見つけられなくなります。"),
    ),
    fact="the index answered with the old value, without an error, measured on 15 and 18",
    safer=Text(
        en=(
            "A function under a new name, an index on it, then drop the old index; or REINDEX INDEX "
            "CONCURRENTLY at once."
        ),
        ja=(
            "新しい名前の関数と、それを使うインデックスを作ってから旧インデックスを削除します。または"
            "直後に REINDEX INDEX CONCURRENTLY します。"
        ),
    ),
)
KINDS = ("create_function_stmt",)

_MESSAGE = Text(
    en=("{users} were made with what {name} gave until now, and keep it: queries find the wrong rows."),
    ja="{users} は {name} のこれまでの結果を保持しているため、クエリが誤った行を返します。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node, world = situation.node, situation.world
    _, live = same_function(situation, node) if node.replace else ((), None)
    if live is None or live.volatility != "i" or _same_body(node, live):
        return
    users = list(dict.fromkeys(_users(world, live.name.name)))
    if users:
        message = _MESSAGE(name=live.name, users=", ".join(users))
        yield situation.hazard(CARD, Level.WARN, live.name, message, facts={"dependants": users})


def _same_body(node: Any, live: Routine) -> bool:
    for option in node.options:
        if option.def_elem.defname == "as":
            texts = strings(option.def_elem.arg.list.items)
            return bool(texts) and texts[0] in live.definition
    return False


def _users(world: World, name: str) -> Iterator[str]:
    called = re.compile(rf"(?<![\w$])\"?{re.escape(name)}\"?\(")
    for table in world.tables():
        for index in world.indexes_of(table.name):
            if called.search(index.definition):
                yield str(index.name)
        for constraint in world.constraints_of(table.name, ConstraintKind.CHECK):
            if called.search(constraint.definition):
                yield f"{table.name}.{constraint.name}"
        for column in table.columns:
            if column.generated and called.search(column.default or ""):
                yield f"{table.name}.{column.name}"
