"""Whole processes, timed: wall seconds and the process's own seconds."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# with it a working copy is compiled at every start, while the peers were compiled when pip installed them
_INHERITED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Medians over the repetitions, with the spread of the wall time, in seconds."""

    wall: float
    own: float
    lowest: float
    highest: float
    times: int


def process(
    argv: Sequence[str], *, folder: Path, environ: Mapping[str, str], expect: tuple[int, ...] = (0,)
) -> tuple[float, float]:
    """Runs one command to its end; wall seconds, and user plus system seconds of it and its children."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(argv, cwd=folder, env={**_INHERITED, **environ}, capture_output=True, check=False)
    wall, after = time.perf_counter() - began, os.times()
    if done.returncode not in expect:
        raise RuntimeError(
            f"{argv[0]}: {done.returncode}\n{done.stdout.decode()[-2000:]}\n{done.stderr.decode()[-2000:]}"
        )
    own = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, own


def repeated(once: Callable[[], tuple[float, float]], times: int) -> Figure:
    """The medians of `times` calls, after one that warms up and is not counted."""
    once()
    found = [once() for _ in range(times)]
    walls = sorted(wall for wall, _ in found)
    return Figure(
        wall=statistics.median(walls),
        own=statistics.median(own for _, own in found),
        lowest=walls[0],
        highest=walls[-1],
        times=times,
    )
