"""Statements and catalog in; predicted effects and hazards out. Pure."""

from watari.risk.hazard import Card, Hazard, Judged, Judgement, Level

__all__ = ["Card", "Hazard", "Judged", "Judgement", "Level"]
