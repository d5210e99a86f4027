"""Another tool's process under watari: bounded through its connection's options, its output masked, ended with us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from watari.execution.session import milliseconds
from watari.frameworks.framework import Command
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.values import replace

# as the server, and drivers in front of it, say that a wait for a lock was cut short
_GAVE_WAY = ("55P03", "40P01", "lock timeout", "LockNotAvailable", "deadlock detected", "ロックのタイムアウト")
_KEPT_LINES = 1000
NOT_FOUND = 127
_ENDING = 10.0


def bounded(url: DatabaseUrl, policy: Policy, name: str) -> DatabaseUrl:
    """The address with the policy's timeouts in it, and a name by which the tool's sessions can be told."""
    settings = {
        "lock_timeout": milliseconds(policy.lock_timeout),
        "statement_timeout": milliseconds(policy.statement_timeout),
        "application_name": name,
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    given = url.parameters.get("options", "")
    return replace(url, parameters={**url.parameters, "options": f"{given} {options}".strip()})


def run(command: Command, url: DatabaseUrl, tell: Callable[[str], None]) -> tuple[int, list[str]]:
    """Runs the command to its end; its exit status and the last of its output, a line each, secrets masked.

    `tell` hears every line when it comes. A command that cannot be started ends with 127.
    """
    lines: deque[str] = deque(maxlen=_KEPT_LINES)
    secrets = _secrets(url)
    try:
        with _child(command) as child:
            for line in child.stdout or ():
                clean = line.rstrip()
                for secret in secrets:
                    clean = clean.replace(secret, "****")
                lines.append(clean)
                tell(clean)
            return child.wait(), list(lines)
    except OSError as missing:
        return NOT_FOUND, [f"{command.argv[0]}: {missing.strerror}"]


def gave_way(code: int, lines: Sequence[str]) -> bool:
    """Whether the tool failed because a wait for a lock was cut short."""
    return code != 0 and any(sign in line for line in lines for sign in _GAVE_WAY)


@contextlib.contextmanager
def _child(command: Command) -> Iterator[subprocess.Popen[str]]:
    """The running command, ended with everything it started when the block is left early."""
    environment: Mapping[str, str] = {**os.environ, **command.environment}
    child = subprocess.Popen(
        command.argv,
        cwd=command.folder,
        env=environment,
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
