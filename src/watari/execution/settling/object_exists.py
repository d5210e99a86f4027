"""Is the tablespace, subscription or database there? The server makes one completely or not at all."""

from __future__ import annotations

from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.execution.settling import Settled
from watari.planning.plan import Settle


def settle(question: Settle, execution: Execution) -> Settled:
    """HAPPENED where an object of that name and kind (`table`) is there."""
    return Settled.HAPPENED if there(question, execution) else Settled.NOT


def there(question: Settle, execution: Execution) -> bool:
    """Whether the object is there."""
    values = {"name": question.relation, "kind": question.table}
    row = execution.session.guard.execute(load("object_there"), values).fetchone()
    return bool(row and row[0])
