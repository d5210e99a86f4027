"""A function promises something else than before about its results."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Routine
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import argument_types, same_function
from watari.sql.grammar import Written, option_words, strings, type_ref

CARD = Card(
    id="compat-volatility",
    title=Text(en="The volatility of a function changes", ja="関数の揮発性区分が変わる"),
    condition=Text(
        en=("CREATE OR REPLACE FUNCTION or ALTER FUNCTION with another volatility than the function has"),
        ja="既存と異なる揮発性（IMMUTABLE・STABLE・VOLATILE）で関数を置き換え・変更する場合",
    ),
    harm=Text(
        en=(
            "Plans, indexes and generated columns rely on it: a call may be evaluated once instead of "
            "for every row, or an index may not be used any more."
        ),
        ja=(
            "プラン・インデックス・生成列はこの区分を前提にします。行ごとの評価が 1 回になったり、イン"
            "デックスが使われなくなったりします。"
        ),
    ),
    fact="pg_proc.provolatile of the live function; manual, Function Volatility Categories",
    safer=Text(
        en="A new function under a new name, and its callers one by one.",
        ja="別名の新しい関数を作り、呼び出し側を 1 つずつ切り替えます。",
    ),
)
KINDS = (
    "create_function_stmt",
    "alter_function_stmt",
)

_MESSAGE = Text(
    en=("{name} was {old} and becomes {new}: plans and indexes that rely on it are wrong or unused from here on."),
    ja=(
        "{name} は {old} から {new} に変わります。前提にしているプランやインデックスが不正になるか使われなくなります。"
    ),
)


_LETTERS = {"immutable": "i", "stable": "s", "volatile": "v"}
_WORDS = {letter: word.upper() for word, letter in _LETTERS.items()}


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    replaced = situation.kind == "create_function_stmt"
    if replaced:
        _, live = same_function(situation, node) if node.replace else ((), None)
    else:
        live = _altered(situation)
    options = option_words(node.options if replaced else node.actions)
    new = _LETTERS.get(options.get("volatility", "volatile" if replaced else ""), "")
    if live is not None and new and new != live.volatility and live.kind == "f":
        message = _MESSAGE(name=live.name, old=_WORDS[live.volatility], new=_WORDS[new])
        yield situation.hazard(CARD, Level.WARN, live.name, message)


def _altered(situation: Situation) -> Routine | None:
    func = situation.node.func
    names = strings(func.objname)
    types = tuple(str(type_ref(argument.type_name)) for argument in func.objargs)
    found = situation.world.routines(Written(names[-2] if len(names) > 1 else None, names[-1]))
    return next(
        (routine for routine in found if func.args_unspecified or argument_types(routine.arguments) == types), None
    )
