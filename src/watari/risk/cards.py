"""The cards of all rules, for `watari explain`, the manual and the reports."""

from __future__ import annotations

from watari.risk.hazard import Card
from watari.risk.registry import rules

__all__ = ["cards"]


def cards() -> tuple[Card, ...]:
    """Every card, by its id."""
    return tuple(rule.card for rule in rules())
