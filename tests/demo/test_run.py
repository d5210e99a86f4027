"""The demo as a whole, on a small shop: it ends sound, leaves what it says and nothing else, and can be gone on with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from watari.demo.run import run
from watari.errors.usage import BadArgument
from watari.locale import Language

ROWS = 1_000


def watari(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("watari")
    return subprocess.run(
        [program, *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "WATARI_LANG": "en", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def servers_in(folder: Path) -> list[int]:
    marks = (str(folder), "-D")
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if "postgres" in " ".join(process.info["cmdline"] or [])[:300]
        and all(any(mark in word for word in process.info["cmdline"]) for mark in marks)
    ]


def test_it_goes_across_and_back_and_leaves_nothing_but_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    # the watcher's own database must never be touched: nobody listens there, so that any attempt would fail
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/theirs")
    said: list[str] = []
    found = run(folder=tmp_path, rows=ROWS, language=Language.JA, say=said.append)
    assert found["sound"], said
    assert [path.name for path in tmp_path.iterdir()] == ["watari-demo-report.html"]
    assert servers_in(tmp_path) == []
    page = (tmp_path / "watari-demo-report.html").read_text()
    assert 'lang="ja"' in page and "005_orders_of_a_customer" in page
    assert said[-1].endswith("watari-demo-report.html")
    heads = [line for line in said if re.match(r"\[\d+/13\]", line)]
    assert [head.partition("/")[0] for head in heads] == [f"[{n}" for n in range(1, 14)]
    stages = found["stages"]
    assert isinstance(stages, dict)
    assert list(stages)[:-1] == [
        *("status", "check", "plan", "rehearse", "backup", "apply", "verify", "report", "rollback", "verify again")
    ]
    assert all(not stage["errors"] for stage in stages.values()), "the application saw no error"
    assert stages["apply"]["operations"] > 0
    json.dumps(found)


def test_with_keep_it_can_be_gone_on_with_by_hand(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    first = watari(tmp_path, "demo", "--keep", "--folder", ".", "--rows", str(ROWS), WATARI_URL="")
    assert first.returncode == 0, first.stderr
    lines = [line.strip() for line in first.stdout.splitlines()]
    project = Path(next(line for line in lines if line.startswith("cd ")).removeprefix("cd "))
    ending = next(line for line in lines if line.startswith("kill "))
    server = int(re.findall(r"\d+", ending)[0])
    try:
        assert project.is_relative_to(tmp_path) and (project / ".env").stat().st_mode & 0o077 == 0
        status = watari(project, "status", "--json")
        assert status.returncode == 1, "three migrations are pending again"
        assert len(json.loads(status.stdout)["databases"][0]["pending"]) == 3
        assert watari(project, "apply", "--yes").returncode == 0
        assert watari(project, "verify").returncode == 0
        assert watari(project, "status").returncode == 0
        second = watari(tmp_path, "demo", "--folder", ".", "--rows", str(ROWS))
        assert second.returncode == 0, "a second run works beside the first: " + second.stderr
    finally:
        subprocess.run(["sh", "-c", ending], check=True)
    end = time.monotonic() + 20
    while psutil.pid_exists(server) and psutil.Process(server).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert [path.name for path in tmp_path.iterdir()] == ["watari-demo-report.html"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_broken_off_it_leaves_neither_a_server_nor_a_folder(tmp_path: Path, how: signal.Signals) -> None:
    tmp_path.chmod(0o755)
    # whoever starts the tests in the background has Ctrl-C ignored, and that is handed down
    script = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from watari.cli.main import main; sys.exit(int(main(sys.argv[1:])))"
    )
    demo = subprocess.Popen(
        [sys.executable, "-c", script, "demo", "--folder", ".", "--rows", "1000"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    while "[3/13]" not in demo.stdout.readline():
        assert demo.poll() is None
    demo.send_signal(how)
    _, errors = demo.communicate(timeout=60)
    if how is signal.SIGINT:
        assert demo.returncode == 130
        assert "Traceback" not in errors
    end = time.monotonic() + 20
    while servers_in(tmp_path) or list(tmp_path.iterdir()):
        assert time.monotonic() < end, list(tmp_path.iterdir())
        time.sleep(0.05)


def test_a_shop_with_too_few_orders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArgument, match="1000 orders, not 10"):
        run(folder=tmp_path, rows=10)
