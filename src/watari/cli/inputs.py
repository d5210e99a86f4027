"""Scripts that the caller names: files, folders, a git range, standard input."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from watari.cli.context import Context
from watari.errors.usage import FileUnreadable, GitRange
from watari.late import pattern
from watari.locale import Text
from watari.locale.system import reason_of
from watari.sql.statement import Script

_NO_SQL = Text(en="no .sql file is in it", ja=".sql ファイルがありません")
#: Scripts that take a migration back, as sqlx, diesel, golang-migrate, dbmate's kin, Prisma's users and Flyway name them.
_DOWN = pattern(r"(?:.*[._])?(?:down|rollback|undo)\.sql|U[\d._]+__.*\.sql")


def scripts_of(context: Context) -> tuple[Script, ...] | None:
    """The scripts of `FILE…`, folders, `-` and `--git RANGE`; None where the caller names none.

    Of folders and ranges, scripts that take a migration back are left out. Raises `FileUnreadable`, `GitRange`.
    """
    names, wanted = list(context.options.files), context.options.git
    if not names and not wanted:
        return None
    named = [script for name in names for script in _scripts_at(name)]
    return (*named, *(_changed_in(wanted) if wanted else ()))


def script_at(name: str) -> Script:
    """The script of one file, or of standard input for `-`."""
    if name == "-":
        return Script(file="<stdin>", data=sys.stdin.buffer.read())
    try:
        return Script(file=name, data=Path(name).read_bytes())
    except OSError as reason:
        raise FileUnreadable(file=name, reason=reason_of(reason)) from reason


def _scripts_at(name: str) -> Iterator[Script]:
    folder = Path(name)
    if name == "-" or not folder.is_dir():
        yield script_at(name)
        return
    found = [path for path in folder.rglob("*.sql") if path.is_file() and not _hidden(path.relative_to(folder))]
    if not found:
        raise FileUnreadable(file=name, reason=_NO_SQL())
    forward = [path for path in found if not _DOWN.fullmatch(path.name)]
    for path in sorted(forward, key=lambda path: _natural(path.relative_to(folder).as_posix())):
        yield script_at(path.as_posix())


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _natural(name: str) -> list[tuple[int, str]]:
    """2 before 10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _changed_in(wanted: str) -> Iterator[Script]:
    """The SQL files that a range adds or changes, as they are at its end; of a single commit, as they are here."""
    if wanted.startswith("-"):
        raise GitRange(range=wanted, reason="-")
    listing = _git(
        wanted, "diff", "--name-only", "-z", "--no-renames", "--diff-filter=AM", "--relative", wanted, "--", "*.sql"
    )
    end = re.split(r"\.\.\.?", wanted, maxsplit=1)[1] or "HEAD" if ".." in wanted else None
    names = [name for name in listing.decode().split("\0") if name and not _DOWN.fullmatch(Path(name).name)]
    for name in sorted(names, key=_natural):
        yield script_at(name) if end is None else Script(file=name, data=_git(wanted, "show", f"{end}:./{name}"))


def _git(wanted: str, *words: str) -> bytes:
    try:
        done = subprocess.run(["git", *words], capture_output=True, check=False)
    except OSError as reason:
        raise GitRange(range=wanted, reason=reason_of(reason)) from reason
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip()
        raise GitRange(range=wanted, reason=complaint.splitlines()[0] if complaint else "-")
    return done.stdout
