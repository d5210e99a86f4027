"""A step that runs the framework's own tool, bounded through its connection's options and settled from its history."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from psycopg import sql

from watari.errors.stopped import CommandElsewhere, CommandFailed, CommandMissing, PatienceSpent, RecordingVoid
from watari.evidence.effect import Effect
from watari.evidence.event import EventKind, said
from watari.evidence.recording import by_relation
from watari.evidence.run import Direction
from watari.execution import child
from watari.execution.execution import Execution
from watari.execution.finish import finish
from watari.execution.journal import Entry
from watari.execution.patience import Patience
from watari.execution.queries import load
from watari.execution.settling import Settled, settle
from watari.frameworks.framework import Command
from watari.locale import Text
from watari.planning.plan import Settle, Step
from watari.project.url import DatabaseUrl
from watari.values import replace

_IN_SPITE = Text(
    en="the command ended with {code}, and its history shows the migration all the same",
    ja="コマンドは終了コード {code} で終わりましたが、履歴にはマイグレーションが記録されています",
)
_LAST_LINES = 5
#: The command on a database's address.
CommandOf = Callable[[DatabaseUrl], Command]


def execute(step: Step, execution: Execution) -> None:
    """Runs the command until the framework's history shows the migration.

    A command whose transaction gave way is run again as a whole. Raises `CommandFailed`, `CommandMissing` or
    `PatienceSpent`.
    """
    left = execution.left_behind(step)
    if left:
        _wait_for_orphan(step, execution)
    if left and settle(_question(step), execution) is Settled.HAPPENED:
        _finish(step, execution, Entry(run=execution.run, step=step, attempt=left.number).settled("done"))
        return
    _require_next(step, execution)
    patience = Patience(execution, step)
    while not _try(step, execution, patience):
        pass


def _require_next(step: Step, execution: Execution) -> None:
    """Returns if a tool that only counts would take this step's migration; raises `CommandElsewhere`."""
    down = execution.plan.direction is Direction.BACK
    rows = execution.framework.history(execution.session.guard)
    taken = execution.framework.next_of_tool(rows, down=down)
    if taken is not None and taken != step.migration:
        raise CommandElsewhere(
            run=execution.run,
            step=step.id,
            framework=execution.framework.name,
            migration=step.migration,
            taken=taken or "-",
        )


def _try(step: Step, execution: Execution, patience: Patience) -> bool:
    """Whether the command went through; False: it gave way."""
    entry = execution.entry(step)
    execution.session.work.execute(entry.intend())
    code, lines, effects = ended(step, execution, lambda url: _command(step, execution, url))
    if settle(_question(step), execution) is Settled.HAPPENED:
        if code:
            execution.tell(EventKind.WARNING, step, **said(_IN_SPITE(code=code)))
        _finish(step, execution, entry.settled("done", waited=patience.waited, effects=effects))
        return True
    gave_way_or_fail(step, execution, patience, entry, code, lines)
    return False


def gave_way_or_fail(
    step: Step, execution: Execution, patience: Patience, entry: Entry, code: int, lines: Sequence[str]
) -> None:
    """Writes down that the command did not go through, and waits where it gave way; raises `CommandFailed`, `PatienceSpent`."""
    gave_way = child.gave_way(code, lines)
    last = " / ".join(lines[-_LAST_LINES:]) or "no output"
    execution.session.work.execute(entry.settled("gave_way" if gave_way else "failed", error=last))
    if not gave_way:
        framework = execution.framework.name
        raise CommandFailed(run=execution.run, step=step.id, framework=framework, code=code, reason=last)
    patience.pause_after(last, attempt=entry.attempt)


def ended(step: Step, execution: Execution, command_of: CommandOf) -> tuple[int, list[str], tuple[Effect, ...]]:
    """Exit status and the last of the output of the command, bounded; where the run is observed, what it did to relations."""
    after = execution.cuts(step) if execution.cuts else None
    if after is not None:
        return _run_cut_off(step, execution, command_of, after)
    return (_run_recorded if execution.observe else _run)(step, execution, command_of)


def _run(step: Step, execution: Execution, command_of: CommandOf) -> tuple[int, list[str], tuple[Effect, ...]]:
    """Exit status, the last of the output, and no effects."""
    command = _bounded(step, execution, execution.url, command_of)
    with execution.session.runner_lent():
        code, lines = child.run(command, execution.url, _telling(step, execution))
    return code, lines, ()


def _run_recorded(step: Step, execution: Execution, command_of: CommandOf) -> tuple[int, list[str], tuple[Effect, ...]]:
    """The same through the recorder, with what it did to each relation; raises `RecordingVoid`."""
    from watari.recorder.recorder import Recorder

    with Recorder(execution.url) as recorder:
        command = _bounded(step, execution, recorder.url, command_of)
        with execution.session.runner_lent():
            code, lines = child.run(command, recorder.url, _telling(step, execution))
        recording = recorder.recording()
    if not recording.sound:
        raise RecordingVoid(run=execution.run, step=step.id, reason=recording.void[0])
    for statement in recording.statements:
        execution.tell(EventKind.STATEMENT, step, sql=statement.sql, seconds=statement.seconds)
    return code, lines, tuple(each.effect for each in by_relation(recording))


def _run_cut_off(
    step: Step, execution: Execution, command_of: CommandOf, after: int
) -> tuple[int, list[str], tuple[Effect, ...]]:
    """The same until `after` statements of the tool have ended; then the server sees its sessions go."""
    from watari.recorder.cut import Cut
    from watari.recorder.recorder import Recorder

    with Recorder(execution.url, look=False, cut=Cut(after)) as recorder:
        command = _bounded(step, execution, recorder.url, command_of)
        with execution.session.runner_lent():
            code, lines = child.run(command, recorder.url, _telling(step, execution))
    _wait_for_orphan(step, execution)
    return code, lines, ()


def _telling(step: Step, execution: Execution) -> Callable[[str], None]:
    return lambda line: execution.tell(EventKind.NOTICE, step, output=line)


def _finish(step: Step, execution: Execution, row: sql.Composable) -> None:
    """The journal's row alone: the tool has written the history itself."""
    finish(replace(step, completes=False), execution, row)


def _question(step: Step) -> Settle:
    return step.settle or Settle(kind="history_applied", relation=step.migration or "")


def _bounded(step: Step, execution: Execution, address: DatabaseUrl, command_of: CommandOf) -> Command:
    url = child.bounded(address, execution.policy, _session_name(step, execution))
    command = command_of(url)
    return replace(command, environment={"PGOPTIONS": url.parameters["options"], **command.environment})


def _command(step: Step, execution: Execution, url: DatabaseUrl) -> Command:
    down = execution.plan.direction is Direction.BACK
    migration = execution.migrations[step.migration or ""]
    command = execution.framework.command(migration, url.reveal().reveal(), down=down)
    if command is None:
        framework = execution.framework.name
        raise CommandMissing(run=execution.run, step=step.id, framework=framework, migration=migration.id)
    return command


def _session_name(step: Step, execution: Execution) -> str:
    return f"watari:{execution.run}:{step.id}"


def _wait_for_orphan(step: Step, execution: Execution) -> None:
    """A command outlives the watari that started it; while its sessions live, nothing can be said of it."""
    name = _session_name(step, execution)
    deadline = time.monotonic() + execution.policy.lock_budget
    while orphans := execution.session.guard.execute(load("sessions_named"), [name]).fetchall():
        if time.monotonic() > deadline:
            raise PatienceSpent(
                run=execution.run,
                step=step.id,
                seconds=f"{execution.policy.lock_budget:g}",
                blockers=", ".join(f"pid {pid} ({name})" for (pid,) in orphans),
            )
        time.sleep(0.2)
