"""Client tools as children: what they are started with, watched by, and what their last words mean.

Addresses and passwords go through the environment only; nothing secret stands in an argument.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from watari.project.url import DatabaseUrl

_POLL_SECONDS = 0.1
_PIECE = 1 << 20


class ToolFailed(Exception):
    """A tool ended with an error; `words` are the lines it left on standard error."""

    def __init__(self, code: int, words: str) -> None:
        self.code = code
        self.words = words
        super().__init__(words)

    @property
    def reason(self) -> str:
        """The first line that says why, without the tool's name and severity."""
        return _reason(self.words) or f"exit status {self.code}"


def environment(url: DatabaseUrl | None, name: str) -> dict[str, str]:
    """The child's environment: the caller's, as watari's own connections have it, the address, the session's name, plain
    English words."""
    address = url.child_environment() if url else {}
    plain = {"PGAPPNAME": f"watari {name}"[:63], "LC_ALL": "C", "PG_COLOR": "never"}
    return {"PGCONNECT_TIMEOUT": "10", **os.environ, **address, **plain}


def run(
    arguments: Sequence[str], *, url: DatabaseUrl | None, name: str, tick: Callable[[], None] = lambda: None
) -> None:
    """Runs a tool to its end and calls `tick` while it works; raises `ToolFailed`."""
    with _started(arguments, url, name, stdout=subprocess.DEVNULL) as (process, errors):
        while True:
            try:
                process.wait(_POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                tick()
        _require_success(process, errors)


def read(arguments: Sequence[str], *, url: DatabaseUrl | None, name: str) -> Iterator[bytes]:
    """What a tool writes, in pieces, to its last byte; raises `ToolFailed` at the end where it failed."""
    with _started(arguments, url, name, stdout=subprocess.PIPE) as (process, errors):
        assert process.stdout is not None
        while piece := process.stdout.read(_PIECE):
            yield piece
        process.wait()
        _require_success(process, errors)


def feed(arguments: Sequence[str], pieces: Iterator[bytes], *, url: DatabaseUrl, name: str) -> None:
    """Runs a tool with `pieces` on its standard input; raises `ToolFailed`."""
    with _started(arguments, url, name, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as (process, errors):
        assert process.stdin is not None
        try:
            for piece in pieces:
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:  # it has stopped reading: its exit status and last words say why
            pass
        process.wait()
        _require_success(process, errors)


@contextmanager
def _started(
    arguments: Sequence[str], url: DatabaseUrl | None, name: str, *, stdin: int = subprocess.DEVNULL, stdout: int
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    with tempfile.TemporaryFile() as errors:  # a file, because a full pipe would stop the tool
        process = subprocess.Popen(
            list(arguments),
            env=environment(url, name),
            stdin=stdin,
            stdout=stdout,
            stderr=errors,
            umask=0o077,  # what it writes is for this user only
        )
        try:
            yield process, errors
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe and not pipe.closed:
            with suppress(BrokenPipeError):
                pipe.close()


def _require_success(process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    if process.returncode != 0:
        errors.seek(0)
        raise ToolFailed(process.returncode, errors.read(65_536).decode("utf-8", "replace"))


def _reason(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    telling = next((line for line in lines if "error:" in line or "ERROR:" in line or "FATAL:" in line), None)
    said = telling or (lines[0] if lines else "")
    for mark in ("ERROR:", "FATAL:", "error:"):
        if mark in said:
            said = said.partition(mark)[2] if mark != "error:" else said.split("error:", 1)[1]
    return said.strip()
