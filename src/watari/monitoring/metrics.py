"""A run in the numbers that dashboards and alarms take, by the names of the team's own runbooks."""

from __future__ import annotations

from watari.catalog.locks import LockMode
from watari.evidence.run import Run, RunState, StepState


def metrics(run: Run) -> dict[str, float]:
    """Counts, and seconds for `MigrationDuration` and `LongestLock`; every name is always there."""
    begun = {step.migration for step in run.steps if step.state is not StepState.PENDING and step.migration}
    failed = {step.migration for step in run.steps if step.state is StepState.FAILED and step.migration}
    touched = {
        effect.relation
        for step in run.steps
        for effect in step.effects
        if effect.lock is not None and effect.lock > LockMode.ACCESS_SHARE
    }
    return {
        "MigrationStarted": len(begun),
        "MigrationCompleted": len(run.migrations) if run.state is RunState.DONE else len(begun - failed),
        "MigrationFailed": len(failed),
        "MigrationDuration": run.seconds or 0.0,
        "DatabaseConnection": 1,
        "TablesAffected": len(touched),
        "LockWaits": sum(max(0, step.attempts - 1) for step in run.steps),
        "LongestLock": max((step.longest_lock_seconds or 0.0 for step in run.steps), default=0.0),
    }
