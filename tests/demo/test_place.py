"""Where the demo works, and what it says where there is no room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

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
