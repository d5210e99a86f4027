"""Is the partition a table of its own? A concurrent detach marks it first, waits for everyone, and then lets go of it."""

from __future__ import annotations

from psycopg import sql

from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.settling import Clearing, Settled
from watari.locale import Text
from watari.planning.plan import Settle

_FINISHED = Text(
    en='the detach of partition "{partition}" that did not end is finished',
    ja='途中で止まっていたパーティション "{partition}" のデタッチを完了させます',
)


def settle(question: Settle, execution: Execution) -> Settled:
    """HALF where the detach is marked and not ended: the statement itself would refuse to be repeated."""
    row = _state(question, execution)
    if row is None:
        return Settled.HAPPENED
    return Settled.HALF if row[0] else Settled.NOT


def clear(question: Settle, execution: Execution) -> Clearing | None:
    """Brings the marked detach to its end."""
    row = _state(question, execution)
    if row is None:
        return None
    _, parent_schema, parent, schema, partition = row
    statement = sql.SQL("alter table {} detach partition {} finalize").format(
        sql.Identifier(parent_schema, parent), sql.Identifier(schema, partition)
    )
    return Clearing(statement=statement, words=_FINISHED(partition=question.relation))


def _state(question: Settle, execution: Execution) -> tuple[bool, str, str, str, str] | None:
    values = {"partition": question.relation, "parent": question.table}
    found: tuple[bool, str, str, str, str] | None
    found = execution.session.guard.execute(load("detach_state"), values).fetchone()
    return found
