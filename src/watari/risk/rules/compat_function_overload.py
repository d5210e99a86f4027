"""CREATE OR REPLACE FUNCTION with other parameters makes a second function."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import earlier, later, parameter_types, same_function
from watari.sql.grammar import choice, strings

CARD = Card(
    id="compat-function-overload",
    title=Text(en="A second function instead of a replaced one", ja="置き換えではなく別の関数が増える"),
    condition=Text(
        en="CREATE OR REPLACE FUNCTION with a parameter list that no function of that name has",
        ja="同名関数のどれとも異なる引数で CREATE OR REPLACE FUNCTION する場合",
    ),
    harm=Text(
        en=("Both are there: old calls still reach the old one, and calls that fit both fail with 42725."),
        ja=("両方が残ります。従来の呼び出しは旧関数に届き、どちらにも合う呼び出しは 42725 で失敗します。"),
    ),
    fact="a call that fits both failed with 42725, measured on 15 and 18",
    safer=Text(
        en="DROP the old one in the same transaction, or give the new one a name of its own.",
        ja="同じトランザクションで旧関数を DROP するか、新しい名前にします。",
    ),
)
KINDS = ("create_function_stmt",)

_MESSAGE = Text(
    en=("{names} stays, and one with ({types}) comes beside it: old calls still reach the old one."),
    ja="{names} は残り、引数 ({types}) の関数が別に作られます。従来の呼び出しは旧関数に届きます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if not node.replace:
        return
    there, same = same_function(situation, node)
    gone = {strings(item.object_with_args.objname)[-1] for drop in _drops(situation) for item in drop.objects}
    if not there or same is not None or strings(node.funcname)[-1] in gone:
        return
    names = ", ".join(f"{routine.name}({routine.arguments})" for routine in there)
    types = ", ".join(parameter_types(node))
    yield situation.hazard(CARD, Level.WARN, str(there[0].name), _MESSAGE(names=names, types=types))


def _drops(situation: Situation) -> Iterator[Any]:
    for node in (*earlier(situation, "drop_stmt"), *later(situation, "drop_stmt")):
        if choice(node, "remove_type") in ("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE"):
            yield node
