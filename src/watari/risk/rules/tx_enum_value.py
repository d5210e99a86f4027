"""A new enum value is used in the transaction that adds it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.errors.usage import ScriptSyntax
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import body, option_words, strings
from watari.sql.names import transaction_word
from watari.sql.statement import Statement

CARD = Card(
    id="tx-enum-value",
    title=Text(en="A new enum value is used before it is committed", ja="追加した列挙値をコミット前に使う"),
    condition=Text(
        en="ALTER TYPE … ADD VALUE and a statement that names the value, in one transaction",
        ja="ALTER TYPE … ADD VALUE と、その値を使う文が同じトランザクションにある場合",
    ),
    harm=Text(
        en="The server refuses the use (55P04), and the transaction is lost.",
        ja="サーバーがエラー（55P04）を返し、トランザクション全体が失敗します。",
    ),
    fact=("55P04, also as a DEFAULT, measured on 15 and 18; of a type made in the same transaction it works on 18"),
    safer=Text(
        en="ADD VALUE in a migration of its own, committed before the value is used.",
        ja="ADD VALUE を別のマイグレーションに分け、コミットしてから使います。",
    ),
    level=Level.BLOCK,
)
KINDS = ("alter_enum_stmt",)

_MESSAGE = Text(
    en=("{value} of {type} is added in this transaction and cannot be used before it commits (55P04)."),
    ja=("{type} の {value} は同じトランザクションで追加されており、コミットまで使えません（55P04）。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard, at the statement that uses the value."""
    node = situation.node
    if node.old_val or not node.new_val or not (situation.inside or situation.unit.transactional):
        return
    catalog = situation.world.catalog
    name = strings(node.type_name)[-1]
    if catalog is not None and not any(known.name == name for known in catalog.types):
        return  # made by these migrations
    for statement in situation.unit.statements[situation.place + 1 :]:
        if _ends(statement):
            return
        if f"'{node.new_val}'" in statement.text and _evaluates(statement):
            message = _MESSAGE(value=node.new_val, type=name)
            yield situation.hazard(CARD, Level.BLOCK, name, message, statement=statement)
            return


def _evaluates(statement: Statement) -> bool:
    """Whether the statement's literals are evaluated when it runs: not those in the body of a function, nor of ALTER TYPE."""
    try:
        kind, node = body(statement.node)
    except ScriptSyntax:
        return False
    if kind in ("create_function_stmt", "do_stmt"):
        return option_words(node.options).get("language") == "sql" if kind == "create_function_stmt" else True
    return kind not in ("alter_enum_stmt", "comment_stmt")


def _ends(statement: Statement) -> bool:
    try:
        return transaction_word(statement.node) in ("commit", "rollback")
    except ScriptSyntax:
        return False
