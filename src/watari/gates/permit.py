"""All gates asked: the folder is the registry."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cache

from watari.errors.refused import GateRefused
from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.late import modules
from watari.locale import Message, Text

_ALSO = Text(
    en='{first} Gate "{gate}" is closed too: {reason}.', ja='{first} ゲート "{gate}" も通過できません: {reason}。'
)


@cache
def gates() -> tuple[Gate, ...]:
    """Every gate of this folder, in the order of the line."""
    import watari.gates

    found = [importlib.import_module(name) for name in modules(watari.gates.__path__, "watari.gates.")]
    kinds = {
        kind
        for module in found
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Gate) and kind.__module__ == module.__name__ and kind is not Gate
    }
    return tuple(sorted((kind() for kind in kinds), key=lambda gate: (gate.place, gate.name)))


def permit(facts: Facts, *, early: bool = False) -> tuple[Permission | Refusal, ...]:
    """What every gate says, in the order of the line; none is left out because an earlier one refused.

    `early`: only those that no rehearsal and no backup will open.
    """
    return tuple(gate.check(facts) for gate in gates() if not (early and gate.opened_on_the_way))


def demand(verdicts: Sequence[Permission | Refusal]) -> tuple[Permission, ...]:
    """The permissions; raises `GateRefused` with the first refusal where there is one, the others told in its hint."""
    refusals = [verdict for verdict in verdicts if isinstance(verdict, Refusal)]
    if refusals:
        first = refusals[0]
        raise GateRefused(gate=first.gate, reason=first.reason, todo=_todo(refusals))
    return tuple(verdict for verdict in verdicts if isinstance(verdict, Permission))


def _todo(refusals: Sequence[Refusal]) -> Message:
    todo = refusals[0].todo
    for other in refusals[1:]:
        todo = _ALSO(first=todo, gate=other.gate, reason=other.reason)
    return todo
