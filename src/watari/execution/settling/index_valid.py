"""Is the index there, and valid? An invalid one is what a build that was cancelled or killed leaves behind."""

from __future__ import annotations

from psycopg import sql

from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.settling import Clearing, Settled
from watari.locale import Text
from watari.planning.plan import Settle

DROPPED = Text(
    en='invalid index "{index}", left by a build that did not end, is dropped',
    ja='中断された作成処理で残った無効なインデックス "{index}" を削除します',
)


def settle(question: Settle, execution: Execution) -> Settled:
    """HALF where the index is there and not valid: a retry with IF NOT EXISTS would skip it and call it done."""
    row = execution.session.guard.execute(load("index_state"), [question.relation]).fetchone()
    if row is None:
        return Settled.NOT
    return Settled.HAPPENED if row[0] else Settled.HALF


def clear(question: Settle, execution: Execution) -> Clearing | None:
    """Drops the invalid index without stopping anyone."""
    row = execution.session.guard.execute(load("index_state"), [question.relation]).fetchone()
    if row is None:
        return None
    statement = sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(row[1], row[2]))
    return Clearing(statement=statement, words=DROPPED(index=question.relation))
