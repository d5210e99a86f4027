"""A step that runs the framework's own tool, bounded through its connection's options and settled from its history."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from psycopg import sql

from watari.errors.stopped import CommandFailed, CommandMissing, PatienceSpent
from watari.evidence.event import EventKind, said
from watari.evidence.run import Direction
from watari.execution.execution import Execution
from watari.execution.finish import finish
from watari.execution.journal import Entry
from watari.execution.patience import Patience
from watari.execution.queries import load
from watari.execution.session import milliseconds
from watari.execution.settling import Settled, settle
from watari.frameworks.framework import Command
from watari.locale import Text
from watari.planning.plan import Settle, Step
from watari.project.url import DatabaseUrl

# as the server, and drivers in front of it, say that a wait for a lock was cut short
_GAVE_WAY = ("55P03", "40P01", "lock timeout", "LockNotAvailable", "deadlock detected", "ロックのタイムアウト")
_IN_SPITE = Text(
    en="the command ended with {code}, and its history shows the migration all the same",
    ja="コマンドは終了コード {code} で終わりましたが、履歴にはマイグレーションが記録されています",
)
_LAST_LINES = 5
_KEPT_LINES = 1000
_NOT_FOUND = 127
_ENDING = 10.0


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
    patience = Patience(execution, step)
    while not _try(step, execution, patience):
        pass


def _try(step: Step, execution: Execution, patience: Patience) -> bool:
    """Whether the command went through; False: it gave way."""
    command = _command(step, execution)
    entry = execution.entry(step)
    execution.session.work.execute(entry.intend())
    with execution.session.runner_lent():
        code, lines = _run(command, step, execution)
    if settle(_question(step), execution) is Settled.HAPPENED:
        if code:
            execution.tell(EventKind.WARNING, step, **said(_IN_SPITE(code=code)))
        _finish(step, execution, entry.settled("done", waited=patience.waited))
        return True
    gave_way = code != 0 and any(sign in line for line in lines for sign in _GAVE_WAY)
    last = " / ".join(lines[-_LAST_LINES:]) or "no output"
    execution.session.work.execute(entry.settled("gave_way" if gave_way else "failed", error=last))
    if not gave_way:
        framework = execution.framework.name
        raise CommandFailed(run=execution.run, step=step.id, framework=framework, code=code, reason=last)
    patience.pause_after(last, attempt=entry.attempt)
    return False


def _finish(step: Step, execution: Execution, row: sql.Composable) -> None:
    """The journal's row alone: the tool has written the history itself."""
    finish(replace(step, completes=False), execution, row)


def _question(step: Step) -> Settle:
    return step.settle or Settle(kind="history_applied", relation=step.migration or "")


def _command(step: Step, execution: Execution) -> Command:
    url = _bounded(execution.url, step, execution)
    down = execution.plan.direction is Direction.BACK
    migration = execution.migrations[step.migration or ""]
    command = execution.framework.command(migration, url.reveal().reveal(), down=down)
    if command is None:
        framework = execution.framework.name
        raise CommandMissing(run=execution.run, step=step.id, framework=framework, migration=migration.id)
    return replace(command, environment={"PGOPTIONS": url.parameters["options"], **command.environment})


def _bounded(url: DatabaseUrl, step: Step, execution: Execution) -> DatabaseUrl:
    """The address with timeouts in it, and a name by which the command's sessions can be told."""
    settings = {
        "lock_timeout": milliseconds(execution.policy.lock_timeout),
        "statement_timeout": milliseconds(execution.policy.statement_timeout),
        "application_name": _session_name(step, execution),
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    given = url.parameters.get("options", "")
    return replace(url, parameters={**url.parameters, "options": f"{given} {options}".strip()})


def _session_name(step: Step, execution: Execution) -> str:
    return f"watari:{execution.run}:{step.id}"


def _run(command: Command, step: Step, execution: Execution) -> tuple[int, list[str]]:
    """The exit status and the output, a line each, secrets masked."""
    lines: deque[str] = deque(maxlen=_KEPT_LINES)
    secrets = _secrets(execution.url)
    try:
        with _child(command) as child:
            for line in child.stdout or ():
                clean = line.rstrip()
                for secret in secrets:
                    clean = clean.replace(secret, "****")
                lines.append(clean)
                execution.tell(EventKind.NOTICE, step, output=clean)
            return child.wait(), list(lines)
    except OSError as missing:
        return _NOT_FOUND, [f"{command.argv[0]}: {missing.strerror}"]


@contextlib.contextmanager
def _child(command: Command) -> Iterator[subprocess.Popen[str]]:
    """The running command, ended with everything it started when the block is left early."""
    child = subprocess.Popen(
        command.argv,
        cwd=command.folder,
        env={**os.environ, **command.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        yield child
    finally:
        _end(child)
        if child.stdout:
            child.stdout.close()


def _end(child: subprocess.Popen[str]) -> None:
    for number in (signal.SIGINT, signal.SIGKILL):
        if child.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_ENDING)


def _secrets(url: DatabaseUrl) -> list[str]:
    from urllib.parse import quote

    password = url.password.reveal() if url.password else ""
    if not password:
        return []
    return sorted({password, quote(password, safe=""), quote(password)}, key=len, reverse=True)


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
