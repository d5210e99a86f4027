"""How loud a hazard is in the end: what facts say, what the environment's policy settles, what a remark in the file allows."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from watari.project.policy import Action, Policy
from watari.risk.hazard import Hazard, Level
from watari.risk.registry import card_of
from watari.sql.remarks import Remark
from watari.values import replace

__all__ = ["weighed"]


def weighed(hazard: Hazard, policy: Policy, remarks: Sequence[Remark]) -> Hazard:
    """The hazard with its last level; what allows it is among its facts (`allowed`).

    A reason in the file goes before the policy. `warn` and `rewrite` hold nobody up, `block` holds up what the facts do
    not make small, `allow` leaves a mention.
    """
    for remark in remarks:
        if remark.holds and hazard.rule in remark.rules:
            return _allowed(hazard, remark.reason)
    action = policy.action(hazard.rule)
    if action is Action.ALLOW:
        return _allowed(hazard, "policy")
    if action is Action.BLOCK:
        quiet = hazard.level is Level.INFO and card_of(hazard.rule).level is not Level.INFO
        return hazard if quiet else replace(hazard, level=Level.BLOCK)
    if action in (Action.WARN, Action.REWRITE) and hazard.level is Level.BLOCK:
        facts: dict[str, builtins.object] = {**hazard.facts, "policy": str(action)}
        return replace(hazard, level=Level.WARN, facts=facts)
    return hazard


def _allowed(hazard: Hazard, reason: str) -> Hazard:
    return replace(hazard, level=Level.INFO, facts={**hazard.facts, "allowed": reason})
