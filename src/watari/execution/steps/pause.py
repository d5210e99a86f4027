"""A stop between phases: what follows must not happen before another version of the application is out."""

from __future__ import annotations

from watari.errors.stopped import DeploymentAwaited
from watari.execution import script
from watari.execution.execution import Execution
from watari.execution.wire import encoded, send
from watari.planning.deployment import awaited
from watari.planning.plan import Step


def execute(step: Step, execution: Execution) -> None:
    """Writes down that the application is out, if a person said so; raises `DeploymentAwaited` otherwise."""
    if step.id not in execution.deployed:
        raise DeploymentAwaited(run=execution.run, step=step.id, application=awaited(step)())
    work = execution.session.work
    row = execution.entry(step).done()
    failure = send(work, encoded([script.BEGIN, row, script.COMMIT], work)).failure
    if failure:
        raise failure
