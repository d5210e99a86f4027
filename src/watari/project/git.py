"""The team's git, as far as a log and a report name it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

#: Where build servers put the commit, for checkouts that come without `.git`.
_BUILD_SERVERS = ("GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "BITBUCKET_COMMIT", "CIRCLE_SHA1", "BUILD_SOURCEVERSION")
_PATIENCE = 5.0


def git_commit(root: Path, environ: Mapping[str, str] = os.environ) -> str | None:
    """The commit that is checked out in the folder `root`, else the one that the build server names; None without either.

    A missing git, a folder without history and a repository that git distrusts are no errors.
    """
    return _asked("rev-parse", "--verify", "HEAD", root=root, environ=environ) or next(
        (environ[name] for name in _BUILD_SERVERS if environ.get(name)), None
    )


def uncommitted(root: Path, folder: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether files in `folder` differ from the commit; False where git cannot say."""
    changed = _asked("status", "--porcelain", "--", str(folder), root=root, environ=environ)
    return bool(changed)


def _asked(*words: str, root: Path, environ: Mapping[str, str]) -> str | None:
    if "GIT_DIR" not in environ and not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None  # what git would say, without its start

    import subprocess

    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            env={**environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() or None if done.returncode == 0 else None
