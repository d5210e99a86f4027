"""A constraint USING INDEX whose index does not serve: the server refuses."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Index, Name
from watari.locale import Message, Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import added_constraints

CARD = Card(
    id="proof-index-unfit",
    title=Text(en="The index does not fit the constraint", ja="USING INDEX に使えないインデックス"),
    condition=Text(
        en=(
            "ADD PRIMARY KEY or UNIQUE USING INDEX with an index that is invalid, partial, not "
            "unique, or has an expression"
        ),
        ja="無効・部分・非一意・式のインデックスで ADD PRIMARY KEY / UNIQUE USING INDEX する場合",
    ),
    harm=Text(
        en="The server refuses (55000, 42809) and the migration stops there.",
        ja="サーバーがエラー（55000、42809）を返し、マイグレーションはそこで止まります。",
    ),
    fact="55000 and 42809, measured on 15 and 18",
    safer=Text(
        en=(
            "CREATE UNIQUE INDEX CONCURRENTLY over the plain columns, and see that it is valid before "
            "the constraint is added."
        ),
        ja=("通常のカラムに CREATE UNIQUE INDEX CONCURRENTLY し、有効であることを確認してから制約を追加します。"),
    ),
    level=Level.BLOCK,
)
KINDS = ("alter_table_stmt AT_AddConstraint",)

_MESSAGE = Text(
    en="{index} {reason}: the server refuses to make a constraint of it.",
    ja="{index} は{reason}のため、制約に使うとサーバーに拒否されます。",
)
_INVALID = Text(en="is invalid", ja="無効（INVALID）")
_PARTIAL = Text(en="covers only some of the rows", ja="部分インデックス")
_EXPRESSION = Text(en="is over an expression", ja="式インデックス")
_PLAIN = Text(en="is not unique", ja="一意ではないインデックス")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a constraint."""
    for constraint in added_constraints(situation, "CONSTR_PRIMARY", "CONSTR_UNIQUE"):
        if not constraint.indexname:
            continue
        index = situation.world.index(Name(situation.target.schema, constraint.indexname))
        reason = _reason(index) if index else None
        if index is not None and reason is not None:
            message = _MESSAGE(index=index.name, reason=reason)
            yield situation.hazard(CARD, Level.BLOCK, index.name, message)


def _reason(index: Index) -> Message | None:
    if not index.valid:
        return _INVALID()
    if index.predicate is not None:
        return _PARTIAL()
    if None in index.columns:
        return _EXPRESSION()
    return None if index.unique else _PLAIN()
