"""CREATE INDEX IF NOT EXISTS over another index of that name: nothing is made, and success is reported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Index, Name
from watari.locale import Message, Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.compose import composed

CARD = Card(
    id="index-if-not-exists",
    title=Text(en="IF NOT EXISTS passes over another index", ja="IF NOT EXISTS が別物のインデックスを見逃す"),
    condition=Text(
        en=(
            "CREATE INDEX IF NOT EXISTS where an index of that name is there and is invalid, "
            "different, or on another table"
        ),
        ja=("CREATE INDEX IF NOT EXISTS の名前のインデックスが既にあり、無効・定義違い・別テーブルの場合"),
    ),
    harm=Text(
        en=(
            "Nothing is made and success is reported: the queries that need the index stay slow, a "
            "unique rule is not kept."
        ),
        ja="何も作成されず成功扱いになります。必要なインデックスがないまま、一意性も守られません。",
    ),
    fact=("succeeds over an INVALID index, over another definition and over another table, measured on 15 and 18"),
    safer=Text(
        en=("Without IF NOT EXISTS, under a name of its own; an INVALID index is dropped concurrently first."),
        ja=("IF NOT EXISTS を外して別の名前にします。INVALID なインデックスは先に DROP INDEX CONCURRENTLY します。"),
    ),
)
KINDS = ("index_stmt",)

_MESSAGE = Text(
    en=("{index} is there already and {difference}: this statement makes nothing and reports success."),
    ja="{index} は既に存在し、{difference}。この文は何も作らずに成功します。",
)
_ELSEWHERE = Text(en="belongs to {table}", ja="{table} のインデックスです")
_INVALID = Text(en="is invalid", ja="無効（INVALID）です")
_OTHER = Text(en="is defined otherwise", ja="定義が異なります")


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if not node.if_not_exists or not node.idxname:
        return
    table = situation.target
    index = situation.world.index(Name(table.schema, node.idxname))
    difference = _difference(node, table, index) if index else None
    if index is not None and difference is not None:
        message = _MESSAGE(index=index.name, difference=difference)
        safer = composed("DROP INDEX CONCURRENTLY {name};", name=index.name) if not index.valid else None
        yield situation.hazard(CARD, Level.WARN, index.name, message, safer=safer)


def _difference(node: Any, table: Name, index: Index) -> Message | None:
    if index.table != table:
        return _ELSEWHERE(table=index.table)
    if not index.valid:
        return _INVALID()
    columns = tuple(part.index_elem.name or None for part in node.index_params)
    same = columns == index.columns and node.unique == index.unique
    return None if same and bool(index.predicate) == node.HasField("where_clause") else _OTHER()
