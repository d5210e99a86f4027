"""The text of a function names what is renamed or dropped; no dependency is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped, later, mentions
from watari.sql.grammar import choice, strings

CARD = Card(
    id="compat-function-text",
    title=Text(en="A function still names what is renamed or dropped", ja="関数本体が改名・削除する対象を参照している"),
    condition=Text(
        en="a table or column is renamed or dropped that the text of a function names",
        ja="関数の本体が参照しているテーブル・カラムを改名または削除する場合",
    ),
    harm=Text(
        en="The statement succeeds, and the function fails at its next call, in triggers too.",
        ja="文は成功しますが、関数は（トリガーも含めて）次の呼び出しで失敗します。",
    ),
    fact=(
        "pg_proc.prosrc of the live functions; bodies in strings are tracked by no dependency, measured on 15 and 18"
    ),
    safer=Text(en="Replace the function in the same transaction.", ja="同じトランザクションで関数も置き換えます。"),
)
KINDS = (
    "rename_stmt",
    "drop_stmt OBJECT_TABLE",
    "drop_stmt OBJECT_VIEW",
    "drop_stmt OBJECT_MATVIEW",
    "alter_table_stmt AT_DropColumn",
)

_MESSAGE = Text(
    en="{names} still says {object} and fails at the next call.",
    ja="{names} が {object} を参照しているため、次の呼び出しで失敗します。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an object."""
    catalog = situation.world.catalog
    routines = catalog.routines if catalog else ()
    if not routines:
        return
    replaced = {strings(node.funcname)[-1] for node in later(situation, "create_function_stmt")}
    for object, words in _gone(situation):
        names = [
            f"{routine.name}({routine.arguments})"
            for routine in routines
            if routine.name.name not in replaced and mentions(routine, *words)
        ]
        if names:
            message = _MESSAGE(object=object, names=", ".join(names))
            yield situation.hazard(CARD, Level.WARN, object, message, facts={"functions": names})


def _gone(situation: Situation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is called otherwise or gone afterwards, with the words that a function would name it by."""
    node = situation.node
    if situation.kind == "rename_stmt":
        what = choice(node, "rename_type")
        if what == "OBJECT_COLUMN" and node.HasField("relation") and situation.old(situation.target):
            yield f"{situation.target}.{node.subname}", (situation.target.name, node.subname)
        elif what in ("OBJECT_TABLE", "OBJECT_VIEW") and situation.old(situation.target):
            yield str(situation.target), (situation.target.name,)
    elif situation.kind == "drop_stmt":
        for name in dropped(situation, "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"):
            if situation.old(name):
                yield str(name), (name.name,)
    else:
        for command in situation.commands("AT_DropColumn"):
            if situation.old(situation.target):
                yield f"{situation.target}.{command.name}", (situation.target.name, command.name)
