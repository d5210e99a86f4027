"""SECURITY DEFINER without a search_path: the caller decides which tables it reads."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import option_words, strings

CARD = Card(
    id="sec-definer-path",
    title=Text(en="SECURITY DEFINER without a search_path of its own", ja="search_path を固定しない SECURITY DEFINER"),
    condition=Text(
        en="CREATE FUNCTION … SECURITY DEFINER without SET search_path",
        ja="SET search_path のない SECURITY DEFINER 関数の CREATE の場合",
    ),
    harm=Text(
        en=(
            "A caller with a schema of its own in front makes the function read that caller's tables, "
            "with the owner's rights."
        ),
        ja=("呼び出し側が自分のスキーマを先頭に置くと、所有者の権限で呼び出し側のテーブルを読ませることができます。"),
    ),
    fact="a caller with its own schema in front made it read its table, measured on 15 and 18",
    safer=Text(
        en=("SET search_path = schema, pg_temp in the function, names qualified, EXECUTE revoked from PUBLIC."),
        ja=("関数に SET search_path = スキーマ, pg_temp を指定し、名前を修飾し、PUBLIC から EXECUTE を外します。"),
    ),
)
KINDS = ("create_function_stmt",)

_MESSAGE = Text(
    en="{name} runs with its owner's rights and looks names up where its caller says.",
    ja="{name} は所有者の権限で動きますが、名前の解決は呼び出し側の search_path に従います。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    options = situation.node.options
    definer = option_words(options).get("security") in ("true", "1")
    settles = any(
        option.def_elem.defname == "set" and option.def_elem.arg.variable_set_stmt.name == "search_path"
        for option in options
    )
    if definer and not settles:
        name = strings(situation.node.funcname)[-1]
        yield situation.hazard(CARD, Level.WARN, name, _MESSAGE(name=name))
