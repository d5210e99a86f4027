"""Where the demo works, and what it says where there is no room."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures.program import PROGRAM, Folder

from watari.demo.place import find_place, report_file
from watari.errors.programs import DiskTooSmall


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", place], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_small_disk_is_told_before_anything_is_loaded(small_disk: Path) -> None:
    with pytest.raises(DiskTooSmall, match=r"has 200 MB free, \d{4} MB are needed") as refused:
        find_place(small_disk, orders=1_000_000)
    assert list(small_disk.iterdir()) == []
    assert "--folder" in str(refused.value.advice)


@pytest.mark.parametrize(("language", "said"), [("en", "has 200 MB free"), ("ja", "200 MB")])
def test_the_program_says_so_in_one_sentence(tmp_path: Path, small_disk: Path, language: str, said: str) -> None:
    answer = Folder(tmp_path).watari("-q", "demo", "--folder", str(small_disk), language=language)
    assert answer.status == 3
    sentence, advice = answer.err.splitlines()
    assert said in sentence and str(small_disk) in sentence and "--folder" in advice
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize(("language", "said"), [("en", "no free TCP port on 127.0.0.1"), ("ja", "127.0.0.1")])
def test_without_a_free_port_the_program_says_so_in_one_sentence(tmp_path: Path, language: str, said: str) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("only root may give a program a network of its own")
    one = 'echo "40000 40000" > /proc/sys/net/ipv4/ip_local_port_range; exec "$@"'
    held = (
        "import socket, subprocess, sys; taken = socket.create_server(('127.0.0.1', 40000)); "
        "sys.exit(subprocess.run(sys.argv[1:]).returncode)"
    )
    program = [PROGRAM, "-q", "--lang", language, "demo", "--folder", tmp_path / "demo", "--rows", "1000"]
    answer = subprocess.run(
        [unshare, "-n", "sh", "-c", one, "sh", sys.executable, "-c", held, *program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 3, answer.stderr
    sentence, advice = answer.stderr.splitlines()
    assert said in sentence and advice


def test_each_demo_has_a_folder_of_its_own(tmp_path: Path) -> None:
    first, second = (find_place(tmp_path / "demos", orders=1000) for _ in range(2))
    assert first.folder != second.folder
    assert first.project.is_dir() and first.project.stat().st_mode & 0o777 == 0o700
    assert not first.server.exists()


def test_the_report_lies_where_the_reader_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert report_file(None).parent == tmp_path
    assert report_file(tmp_path / "elsewhere").parent == tmp_path
    (tmp_path / "elsewhere").mkdir()
    assert report_file(tmp_path / "elsewhere").parent == tmp_path / "elsewhere"


def test_another_user_can_pass_through_to_the_server(tmp_path: Path) -> None:
    made = find_place(tmp_path, orders=1000).folder
    assert made.stat().st_mode & 0o777 == (0o755 if os.geteuid() == 0 else 0o700)
