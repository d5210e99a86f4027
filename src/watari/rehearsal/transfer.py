"""Rows and schema from one server to another through a pipe: nothing of them is ever written to this machine's disk."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from watari.late import pattern
from watari.postgres.client_tools import ClientTool
from watari.project.url import DatabaseUrl

#: What a newer pg_dump says to an older server, and what it may do without.
_HARMLESS = ('unrecognized configuration parameter "transaction_timeout"',)
_SAID = pattern(r"(?:error|ERROR):(.*)")
_DUMP = ("-Fc", "-Z0", "--no-subscriptions", "--lock-wait-timeout=10s")
_KEPT = ("PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR")


class TransferFailed(Exception):
    """A tool failed; the message is its first complaint."""


def transfer(
    source: DatabaseUrl, target: DatabaseUrl, *, dump: ClientTool, restore: ClientTool, more: Sequence[str] = ()
) -> None:
    """Everything of the database at `source`, owners and grants too, into the empty one at `target`.

    `more` are arguments for pg_dump that leave something out. Raises `TransferFailed`. Holds ACCESS SHARE on the source's tables for as long as the reading takes.
    """
    piped([str(dump.path), *_DUMP, *more], source, [str(restore.path), "-d", ""], target)


def piped(reading: Sequence[str], source: DatabaseUrl, writing: Sequence[str], target: DatabaseUrl) -> None:
    """Runs a tool that reads from `source` into one that writes to `target`; raises `TransferFailed`."""
    with ExitStack() as stack:
        errors = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(2)]
        reader = stack.enter_context(
            subprocess.Popen(
                reading,
                env=_environment(source),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors[0],
            )
        )
        stack.callback(_end, reader)
        writer = stack.enter_context(
            subprocess.Popen(
                writing,
                env=_environment(target),
                stdin=reader.stdout,
                stdout=subprocess.DEVNULL,
                stderr=errors[1],
            )
        )
        stack.callback(_end, writer)
        if reader.stdout:
            reader.stdout.close()  # so that the reader notices when the writer is gone
        writer.wait()
        reader.wait()
        complaints = [*_complaints(errors[0], reader.returncode), *_complaints(errors[1], writer.returncode)]
        if complaints:
            raise TransferFailed(complaints[0])


def dump_to(file: Path, source: DatabaseUrl, *, dump: ClientTool, more: Sequence[str]) -> None:
    """What `more` leaves of the database, written to `file`; meant for what holds no rows. Raises `TransferFailed`."""
    _run([str(dump.path), *_DUMP, *more, "-f", str(file)], source)


def restore_from(file: Path, target: DatabaseUrl, *, restore: ClientTool, section: str, jobs: int) -> None:
    """One section ("pre-data", "post-data") of what `dump_to` wrote, by so many sessions. Raises `TransferFailed`."""
    _run([str(restore.path), "-d", target.database, f"--section={section}", "-j", str(jobs), str(file)], target)


def _run(argv: Sequence[str], url: DatabaseUrl) -> None:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            argv, env=_environment(url), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        try:
            process.wait()
        finally:
            _end(process)
        if complaints := _complaints(errors, process.returncode):
            raise TransferFailed(complaints[0])


def _environment(url: DatabaseUrl) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG") or name in _KEPT}
    return {**kept, **url.child_environment(), "PGAPPNAME": "watari rehearsal", "LC_ALL": "C"}


def _complaints(errors: IO[bytes], code: int) -> list[str]:
    if code == 0:
        return []
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").splitlines()
    said = [match[1].strip() for line in lines if (match := _SAID.search(line))]
    told = [line for line in said if line and not any(harmless in line for harmless in _HARMLESS)]
    # "errors ignored on restore" alone means that every error was harmless
    return told or ([] if said else [f"exit status {code}"])


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
