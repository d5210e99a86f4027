"""What the outbox writes as it stands, without looking for messages in it."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest

from watari.evidence.run import Run
from watari.locale import Message
from watari.planning.plan import Plan
from watari.values import is_dataclass


def reached(kind: Any, seen: set[Any]) -> set[Any]:
    """Every class that a value of this one may hold."""
    for inner in [kind, *get_args(kind)]:
        if inner not in seen:
            seen.add(inner)
            hints = get_type_hints(inner).values() if is_dataclass(inner) else get_args(inner)
            for hint in hints:
                reached(hint, seen)
    return seen


@pytest.mark.parametrize("kind", [Plan, Run])
def test_a_plan_and_a_run_hold_no_message(kind: type) -> None:
    there = reached(kind, set())
    assert len(there) > 10
    assert not {Message, object, Any} & there
