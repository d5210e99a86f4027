"""Who a throw-away server runs as: PostgreSQL refuses root, so root hands it to another user or to a user namespace."""

from __future__ import annotations

import hashlib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from watari.errors.programs import RootNeedsAnotherUser
from watari.values import dataclass

__all__ = ["Runner", "runner_for"]

#: Users that own nothing of the team's, in the order tried.
_USERS = ("nobody", "postgres")
#: In here root is an ordinary user with a number of its own; no file changes hands.
_NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000", "--")
#: Where root may keep a copy of the programs that others can read.
_SHARED_CACHE = Path("/var/cache/watari")
_LARGEST_COPY = 300 << 20


@dataclass(frozen=True, kw_only=True)
class Runner:
    """How a program is started: `prefix` in front of its arguments, or as user `uid` and group `gid`; `programs` is
    the folder that it is started from."""

    programs: Path
    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    def argv(self, program: str, *arguments: str) -> list[str]:
        """The whole command for one of the programs."""
        return [*self.prefix, str(self.programs / program), *arguments]

    def hand_over(self, path: Path) -> None:
        """Makes the server's user the owner of a file or folder."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def run(self, argv: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command as that user, and gives its output."""
        groups: tuple[int, ...] | None = () if self.uid is not None else None
        return subprocess.run(
            argv,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            check=False,
            env=environment,
            user=self.uid,
            group=self.gid,
            extra_groups=groups,
        )


def runner_for(folder: Path, programs: Path) -> Runner:
    """A user who may run `programs` and write to the existing `folder`; an ordinary user is that user.

    Raises `RootNeedsAnotherUser`.
    """
    if os.geteuid() != 0:
        return Runner(programs=programs)
    for runner in _choices(programs):
        if _works(runner, folder):
            return runner
    raise RootNeedsAnotherUser(folder=folder)


def _choices(programs: Path) -> Iterator[Runner]:
    """Every way for root, the one that copies nothing first."""
    users = [entry for name in _USERS if (entry := _user(name))]
    for entry in users:
        yield Runner(programs=programs, uid=entry.pw_uid, gid=entry.pw_gid)
    if users and (copy := _readable_copy(programs)):
        for entry in users:
            yield Runner(programs=copy, uid=entry.pw_uid, gid=entry.pw_gid)
    yield Runner(programs=programs, prefix=_NAMESPACE)


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return entry if entry.pw_uid != 0 else None


def _works(runner: Runner, folder: Path) -> bool:
    """Tries it: permissions, access lists, noexec mounts and missing capabilities all show here."""
    before = folder.stat()
    reach = [*runner.prefix, "/bin/sh", "-c", 'test -w "$1" && test -x "$1"', "sh", str(folder)]
    tries = (runner.argv("postgres", "--version"), runner.argv("initdb", "--version"), reach)
    try:
        runner.hand_over(folder)
        if all(runner.run(argv).returncode == 0 for argv in tries):
            return True
    except OSError:
        pass
    os.chown(folder, before.st_uid, before.st_gid)
    return False


def _readable_copy(programs: Path) -> Path | None:
    """A copy of an installation that lies where others may not enter, made once; None where there is no place for it."""
    tree = programs.parent
    if not _movable(tree):
        return None
    stamp = f"{tree}:{(programs / 'postgres').stat().st_mtime_ns}"
    copy = _SHARED_CACHE / f"postgres-{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"
    if not copy.exists():
        try:
            _copy(tree, copy)
        except OSError:
            return None
    return copy / tree.parent.name / tree.name / programs.name


def _movable(tree: Path) -> bool:
    """Whether a tree is PostgreSQL's own, and not a prefix such as /usr or an environment with everything in it."""
    if not any((tree / "share" / folder / "postgres.bki").exists() for folder in ("", "postgresql")):
        return False
    sizes = itertools.accumulate(path.stat().st_size for path in tree.rglob("*") if path.is_file())
    return not any(size > _LARGEST_COPY for size in sizes)


def _copy(tree: Path, copy: Path) -> None:
    copy.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    # built beside and renamed, so that a copy is whole or absent
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=copy.parent))
    try:
        shutil.copytree(tree, unfinished / tree.parent.name / tree.name, symlinks=True)
        # a wheel keeps the shared libraries beside its package and finds them by the way there
        libraries = tree.parent.with_name(f"{tree.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        (unfinished / tree.parent.name).chmod(0o755)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not copy.exists():
            raise
