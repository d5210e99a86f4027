"""How to tell from the database whether a step that could not be in a transaction happened; one file a kind of question.

Each file has `settle(question, execution)`, and `clear(question, execution)` where half of a step can be left behind.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module

from psycopg import sql

from watari.execution.execution import Execution
from watari.locale import Message
from watari.planning.plan import Settle
from watari.values import dataclass


class Settled(StrEnum):
    """What the database says of a step."""

    HAPPENED = "happened"
    NOT = "not"
    HALF = "half"  # something is left that must go, or be brought to its end, before the step is tried again


@dataclass(frozen=True, kw_only=True)
class Clearing:
    """One statement, outside any transaction, that ends a half-done step one way or the other, and what it does in words."""

    statement: sql.Composed
    words: Message


Settler = Callable[[Settle, Execution], Settled]


def settle(question: Settle | None, execution: Execution) -> Settled:
    """What the database says; without a question the step may simply be repeated."""
    if question is None:
        return Settled.NOT
    found: Settler = import_module(f"{__name__}.{question.kind}").settle
    return found(question, execution)


def clear(question: Settle | None, execution: Execution) -> Clearing | None:
    """What takes away, or brings to its end, what half of a step left; None: nothing is left."""
    if question is None or settle(question, execution) is not Settled.HALF:
        return None
    found: Callable[[Settle, Execution], Clearing | None] = import_module(f"{__name__}.{question.kind}").clear
    return found(question, execution)
