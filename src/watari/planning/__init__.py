"""Statements, catalog and policy in; a plan of steps with its way back out. Pure."""

from watari.planning.plan import (
    Backfill,
    CopyRows,
    Loss,
    Note,
    Phase,
    Plan,
    Precheck,
    Settle,
    Step,
    StepKind,
)

__all__ = [
    "Backfill",
    "CopyRows",
    "Loss",
    "Note",
    "Phase",
    "Plan",
    "Precheck",
    "Settle",
    "Step",
    "StepKind",
]
