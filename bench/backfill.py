"""How fast rows are brought to a value in batches, against one UPDATE of the same rows, the application at work in both.

The single UPDATE keeps every row locked to its end, so what the application waits is shown for the batches alone. Beside the
wall time stands the processor time of the server's own process: on a busy machine the ratio of those is the steadier one.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import shopped
from watari.demo.latencies import Latencies
from watari.evidence.event import Event, EventKind
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl
from watari.reporting.wording import duration

_SMALLEST = 100_000
_QUIET_SECONDS = 2.0
_WORKER = (
    "select pid from pg_stat_activity where application_name like 'watari % worker' and datname = current_database()"
)


@dataclass(frozen=True, kw_only=True)
class Way:
    """What watari is given, and the single UPDATE that writes the same rows, after `before`."""

    given: str
    single: str
    before: str = ""


WAYS = {
    "by pages (int to bigint)": Way(
        given="ALTER TABLE orders ALTER COLUMN total_yen TYPE bigint;",
        before="ALTER TABLE orders ADD COLUMN wide bigint",
        single="UPDATE orders SET wide = total_yen",
    ),
    "along the key (UPDATE)": Way(
        given="UPDATE orders SET total_yen = total_yen + 1;", single="UPDATE orders SET total_yen = total_yen + 1"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Took:
    """Seconds by the clock and of the server's process, and what the application had to bear, idle and meanwhile."""

    wall: float
    processor: float
    idle: Latencies
    meanwhile: Latencies


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints one line for each way and size."""
    print(
        f"\nRows a second in batches against one UPDATE of the same rows, medians of {shopped.TIMES}, 4 connections, fsync on"
    )
    print(
        "| rows | way | one UPDATE | watari | ratio | ratio of processor time | longest stall | p99 | p99 idle | failed |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    size = min(_SMALLEST, shopped.ROWS)
    while True:
        with shopped.shop(server, "backfill", size) as source:
            for number, (name, way) in enumerate(WAYS.items()):
                print(_line(server, source, size, name, way, folder / f"{size}-{number}"), flush=True)
        if size >= shopped.ROWS:
            return
        size = min(size * 10, shopped.ROWS)


def _line(server: EmbeddedServer, source: str, rows: int, name: str, way: Way, folder: Path) -> str:
    file = shopped.migration(folder, way.given)
    single, batches = [], []
    for _ in range(shopped.TIMES):  # one after the other, so that what else happens on the machine meets both
        single.append(_measured(server, source, rows, lambda url: _single(url, way)))
        batches.append(_measured(server, source, rows, lambda url: _batches(url, file)))
    fast, slow = _median(took.wall for took in single), _median(took.wall for took in batches)
    cells = [f"{rows:,}", name, f"{rows / fast:,.0f}/s", f"{rows / slow:,.0f}/s", f"{fast / slow:.2f}"]
    cells.append(f"{_median(t.processor for t in single) / max(0.01, _median(t.processor for t in batches)):.2f}")
    cells.append(duration(_median(took.meanwhile.longest for took in batches)))
    cells += [duration(_median(took.meanwhile.p99 for took in batches)), duration(_median(t.idle.p99 for t in batches))]
    cells.append(str(sum(took.meanwhile.failed for took in batches)))
    return f"| {' | '.join(cells)} |"


def _median(figures: object) -> float:
    return statistics.median(figures)  # type: ignore[call-overload, no-any-return]


def _measured(
    server: EmbeddedServer, source: str, rows: int, work: Callable[[DatabaseUrl], tuple[float, float, float]]
) -> Took:
    with shopped.copy(server, source) as url, shopped.at_work(url, rows) as application:
        time.sleep(_QUIET_SECONDS)
        before = time.monotonic()
        began, ended, processor = work(url)
    idle = application.recording.between(before - _QUIET_SECONDS, before)
    return Took(
        wall=ended - began, processor=processor, idle=idle, meanwhile=application.recording.between(began, ended)
    )


def _single(url: DatabaseUrl, way: Way) -> tuple[float, float, float]:
    with psycopg.connect(**url.conninfo(), autocommit=True) as session:
        if way.before:
            session.execute(way.before.encode())
        spent = _processor(session.info.backend_pid)
        began = time.monotonic()
        session.execute(way.single.encode())
        return began, time.monotonic(), _processor(session.info.backend_pid) - spent


def _batches(url: DatabaseUrl, file: Path) -> tuple[float, float, float]:
    """From the beginning of the step that writes the rows to its end."""
    moments: list[tuple[float, float]] = []
    steps: list[str | None] = []
    with psycopg.connect(**url.conninfo(), autocommit=True) as session:

        def listen(event: Event) -> None:
            begins = event.kind is EventKind.STEP_BEGAN and event.data["step_kind"] == "backfill"
            if begins:
                steps.append(event.step)
            if begins or (event.kind is EventKind.STEP_ENDED and event.step in steps):
                now = time.monotonic()
                (pid,) = session.execute(_WORKER).fetchone() or (0,)
                moments.append((now, _processor(pid)))

        shopped.apply(url, file, listen)
    (began, before), (ended, after) = moments
    return began, ended, after - before


def _processor(pid: int) -> float:
    """Seconds of user and system time of a process of this machine so far; in steps of a hundredth."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
