"""One file a kind of step, each with `execute(step, execution)`; the folder is the registry."""

from __future__ import annotations

from importlib import import_module

from watari.execution.execution import StepExecutor
from watari.planning.plan import StepKind


def executor(kind: StepKind) -> StepExecutor:
    """What does a step of this kind."""
    found: StepExecutor = import_module(f"{__name__}.{kind.value}").execute
    return found
