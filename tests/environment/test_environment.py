"""What `make` says on a machine that lacks something, asked of the real script with made programs on PATH."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "dirname", "df", "awk", "touch", "rm", "cat")


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A fresh checkout with the script in it, and a PATH with nothing but a shell's tools."""
    (tmp_path / "checkout" / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "environment", tmp_path / "checkout" / ".ci")
    (tmp_path / "checkout" / "pyproject.toml").touch()
    (tmp_path / "bin").mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (tmp_path / "bin" / name).symlink_to(found)
    return tmp_path


def program(fresh: Path, name: str, script: str) -> None:
    made = fresh / "bin" / name
    made.unlink(missing_ok=True)
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(0o755)


def make(fresh: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", fresh / "checkout" / ".ci" / "environment", "dev"],
        env={"PATH": str(fresh / "bin")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    return line


def test_a_machine_without_a_new_enough_python_gets_one_sentence(fresh: Path) -> None:
    program(fresh, "python3", "exit 1")
    assert sentence(make(fresh)).startswith("make: Python 3.11 or later was not found on PATH; install it")


def test_a_machine_without_the_venv_module_gets_one_sentence_with_the_package(fresh: Path) -> None:
    program(fresh, "python3", 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11-venv;; esac')
    assert sentence(make(fresh)) == (
        "make: the venv module of python3 is missing; on Debian and Ubuntu: apt install python3.11-venv."
    )


def test_a_machine_with_200_mb_of_disk_left_gets_one_sentence(fresh: Path) -> None:
    program(fresh, "python3", "exit 0")
    program(fresh, "df", "echo Filesystem; echo /dev/x 999999 0 204800 99% /")
    assert sentence(make(fresh)).startswith("make: 200 MB are free in ")
    assert not (fresh / "checkout" / ".venv").exists()


def test_a_newer_python_beside_an_old_one_is_found_and_what_is_made_is_made_once(fresh: Path) -> None:
    program(fresh, "python3", "exit 1")
    log = fresh / "log"
    inner = fresh / "inner"
    inner.write_text(f'#!/bin/sh\necho "inner $*" >> {log}\n')
    inner.chmod(0o755)
    made = "mkdir -p .venv/bin; cp " + str(inner) + " .venv/bin/python"
    program(fresh, "python3.12", f'case "$1 $2" in "-m venv") {made};; esac; echo "outer $*" >> {log}')
    for tool in ("mkdir", "cp"):
        (fresh / "bin" / tool).symlink_to(shutil.which(tool) or "")
    assert make(fresh).returncode == 0
    assert "inner -m pip install --quiet --disable-pip-version-check --editable .[dev]" in log.read_text()
    assert (fresh / "checkout" / ".venv" / ".ready-dev").exists()
    outer = log.read_text().count("outer -m venv")
    assert make(fresh).returncode == 0
    assert log.read_text().count("outer -m venv") == outer == 1


def test_without_a_network_the_first_time_is_told_as_such(fresh: Path) -> None:
    inner = "printf '#!/bin/sh\\ncase \"$2\" in pip) exit 1;; esac\\n' > .venv/bin/python; chmod +x .venv/bin/python"
    program(fresh, "python3", f'case "$1 $2" in "-m venv") mkdir -p .venv/bin; {inner};; esac')
    for tool in ("mkdir", "chmod"):
        (fresh / "bin" / tool).symlink_to(shutil.which(tool) or "")
    done = make(fresh)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "make: the packages could not be installed (see above); the first time a network is needed."
    )
