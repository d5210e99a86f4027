"""Facts in; for each gate a permission or a refusal that says what to do out. Pure; one file a gate."""

from watari.gates.facts import Facts
from watari.gates.gate import Gate, Permission, Refusal
from watari.gates.permit import demand, gates, permit

__all__ = ["Facts", "Gate", "Permission", "Refusal", "demand", "gates", "permit"]
