"""Scripts that the caller names: files, a git range, standard input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from watari.cli.context import Context
from watari.errors.usage import FileUnreadable, GitRange
from watari.locale.system import reason_of
from watari.sql.statement import Script


def scripts_of(context: Context) -> tuple[Script, ...] | None:
    """The scripts of `FILE…`, `-` or `--git RANGE`; None where the caller names none. Raises `FileUnreadable`, `GitRange`."""
    names = list(context.options.files)
    if context.options.git:
        names += _changed_in(context.options.git)
    elif not names:
        return None
    return tuple(script_at(name) for name in names)


def script_at(name: str) -> Script:
    """The script of one file, or of standard input for `-`."""
    if name == "-":
        return Script(file="<stdin>", data=sys.stdin.buffer.read())
    try:
        return Script(file=name, data=Path(name).read_bytes())
    except OSError as reason:
        raise FileUnreadable(file=name, reason=reason_of(reason)) from reason


def _changed_in(wanted: str) -> list[str]:
    if wanted.startswith("-"):
        raise GitRange(range=wanted, reason="-")
    command = ["git", "diff", "--name-only", "--diff-filter=AM", "--relative", wanted, "--", "*.sql"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as reason:
        raise GitRange(range=wanted, reason=reason_of(reason)) from reason
    if done.returncode:
        raise GitRange(range=wanted, reason=done.stderr.strip().splitlines()[0] if done.stderr.strip() else "-")
    return done.stdout.splitlines()
