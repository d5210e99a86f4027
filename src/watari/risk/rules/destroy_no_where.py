"""DELETE without a condition, or with one that is always true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.loss import loss_level, weight
from watari.risk.situation import Situation
from watari.sql.grammar import body, choice

CARD = Card(
    id="destroy-no-where",
    title=Text(en="DELETE without a condition", ja="条件のない DELETE"),
    condition=Text(
        en="DELETE without WHERE, or with one that is always true, on a table that holds rows",
        ja="データのあるテーブルに WHERE のない（または常に真の）DELETE を実行する場合",
    ),
    harm=Text(
        en="Every row is gone; each is locked and logged on the way, and the table stays as large as it was.",
        ja="全行が失われます。1 行ずつロックと WAL 出力が発生し、テーブルのサイズも縮みません。",
    ),
    fact="rows of the live catalog",
    safer=Text(
        en="Say which rows; delete them in batches; to empty a table on purpose, keep a copy first.",
        ja="対象の行を条件で指定し、分割して削除します。意図的に空にする場合は先にコピーを残します。",
    ),
)
KINDS = ("delete_stmt",)

_MESSAGE = Text(
    en="Every row of {table} is deleted ({weight}): there is no condition.",
    ja="条件がないため {table} の全行が削除されます（{weight}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if node.HasField("where_clause") and not is_always_true(node.where_clause):
        return
    name = situation.target
    level = loss_level(situation, name)
    if level is not None and not node.using_clause:
        facts = situation.size_facts(name)
        yield situation.hazard(
            CARD, level, name, _MESSAGE(table=name, weight=weight(situation, name, facts)), facts=facts
        )


def is_always_true(condition: Any) -> bool:
    """Whether a condition is a constant that lets everything through: `true`, `1 = 1`."""
    kind, inner = body(condition)
    if kind == "a_const":
        return bool(inner.WhichOneof("val") == "boolval" and inner.boolval.boolval)
    if kind == "a_expr" and choice(inner, "kind") == "AEXPR_OP" and inner.lexpr.WhichOneof("node") == "a_const":
        return bool(
            inner.lexpr.a_const.ival == inner.rexpr.a_const.ival and inner.rexpr.WhichOneof("node") == "a_const"
        )
    return False
