"""Which client tool is taken, on folders of real and of made programs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from watari.errors.programs import ToolMissing, ToolTooOld
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer, binaries
from watari.postgres.installations import version_of

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def program(folder: Path, name: str, said: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\necho '{said}'\n")
    made.chmod(0o755)
    return made


def test_the_tool_of_the_servers_version_dumps_it(server: EmbeddedServer) -> None:
    found = tool("pg_dump", at_least=18)
    assert found.major >= 18
    url = server.url()
    dumped = subprocess.run(
        [found.path, "--schema-only"], env={**os.environ, **url.child_environment()}, capture_output=True, check=False
    )
    assert dumped.returncode == 0 and b"PostgreSQL database dump" in dumped.stdout


def test_the_nearest_version_is_taken_and_never_an_older_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (DEBIAN_15 / "pg_dump").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool("pg_dump", at_least=15).path == DEBIAN_15 / "pg_dump"
    assert tool("pg_dump", at_least=16).path == binaries() / "pg_dump"


def test_a_tool_that_is_too_old_is_told_with_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "pg_oldest", "pg_oldest (PostgreSQL) 12.22 (Debian 12.22-1)")
    with pytest.raises(ToolTooOld, match=r'"pg_oldest" 12\.22 is older than the server \(14\)') as refused:
        tool("pg_oldest", at_least=14)
    assert "postgresql-client-14" in str(refused.value.advice)


def test_a_tool_that_is_nowhere_is_told() -> None:
    with pytest.raises(ToolMissing, match="pg_nothing"):
        tool("pg_nothing", at_least=14)


def test_the_folder_that_was_named_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = program(tmp_path / "named", "pg_dump", "pg_dump (PostgreSQL) 19beta1")
    monkeypatch.setenv("WATARI_PG_BIN", str(tmp_path / "named"))
    found = tool("pg_dump", at_least=15)
    assert (found.path, found.version, found.major) == (made, "19beta1", 19)
    assert tool("psql", at_least=15).path.parent != tmp_path / "named"


def test_a_program_that_is_something_else_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "pg_dump", "I am a script of ours")
    (tmp_path / "psql").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tool("pg_dump", at_least=14).path.parent != tmp_path
    assert tool("psql", at_least=14).path.parent != tmp_path
    assert version_of(tmp_path / "pg_dump") is None


def test_debians_wrapper_that_chooses_by_itself_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "share", "pg_wrapper", "pg_dump (PostgreSQL) 99.1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pg_dump").symlink_to(tmp_path / "share" / "pg_wrapper")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert tool("pg_dump", at_least=14).major != 99
