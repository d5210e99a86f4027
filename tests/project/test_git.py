"""The commit that a log and a report name."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from watari.project.git import git_commit, uncommitted

IDENTITY = {
    name: value
    for who in ("AUTHOR", "COMMITTER")
    for name, value in ((f"GIT_{who}_NAME", "t"), (f"GIT_{who}_EMAIL", "t@example.com"))
}


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, env={**os.environ, **IDENTITY}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/001.sql").write_text("select 1;")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_the_commit_that_is_checked_out_is_named(repository: Path) -> None:
    assert git_commit(repository / "migrations") == git(repository, "rev-parse", "HEAD")


def test_migrations_that_are_not_committed_are_noticed(repository: Path) -> None:
    assert not uncommitted(repository, repository / "migrations")
    (repository / "migrations/002.sql").write_text("select 2;")
    assert uncommitted(repository, repository / "migrations")
    assert not uncommitted(repository, repository / "elsewhere")


def test_without_git_or_history_there_is_no_commit_and_no_error(tmp_path: Path) -> None:
    assert git_commit(tmp_path, {"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}) is None
    assert git_commit(tmp_path, {"PATH": str(tmp_path)}) is None
    assert git_commit(tmp_path, {"PATH": str(tmp_path), "CI_COMMIT_SHA": "abc"}) == "abc"
