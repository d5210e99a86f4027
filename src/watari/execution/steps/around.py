"""What the framework's own tool does before or after its migrations, done by that tool: nobody else knows what it is."""

from __future__ import annotations

from watari.errors.stopped import CommandMissing
from watari.execution.execution import Execution
from watari.execution.finish import finish
from watari.execution.patience import Patience
from watari.execution.steps.command import ended, gave_way_or_fail
from watari.frameworks.framework import Command
from watari.planning.plan import Step
from watari.project.url import DatabaseUrl


def execute(step: Step, execution: Execution) -> None:
    """Runs it until it ends well; raises `CommandFailed`, `CommandMissing` or `PatienceSpent`."""
    patience = Patience(execution, step)
    while not _try(step, execution, patience):
        pass


def _try(step: Step, execution: Execution, patience: Patience) -> bool:
    """Whether it went through; False: it gave way."""
    entry = execution.entry(step)
    execution.session.work.execute(entry.intend())
    code, lines, effects = ended(step, execution, lambda url: _command(step, execution, url))
    if code == 0:
        finish(step, execution, entry.settled("done", waited=patience.waited, effects=effects))
        return True
    gave_way_or_fail(step, execution, patience, entry, code, lines)
    return False


def _command(step: Step, execution: Execution, url: DatabaseUrl) -> Command:
    when = step.settle.relation if step.settle else ""
    command = execution.framework.around_command(when, execution.plan.migrations, url.reveal().reveal())
    if command is None:
        framework = execution.framework.name
        raise CommandMissing(run=execution.run, step=step.id, framework=framework, migration=when)
    return command
