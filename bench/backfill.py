"""How fast rows are brought to a value in batches, against one UPDATE of the same rows, the application at work in both.

The single UPDATE keeps every row locked to its end, so that its application stands still and leaves it the machine. Beside the
wall time stands the processor time of the server's own process: on a busy machine the ratio of those is the steadier one, and
its figure for one row shows whether the work stays flat as tables grow. What the application waits (p99) is shown against the
same beside a session that only computes: what the machine itself adds when one core of it is taken. *gentle* is
`backfill_batch = 0.005` and `backfill_speed = 0.25`; nothing of the rows is kept (`keep = 0`) but where the line says so. Size and log are what the rows' new versions took.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
_COMPUTES_SECONDS = 4.0
_WORKER = (
    "select pid from pg_stat_activity where application_name like 'watari % worker' and datname = current_database()"
)
_GROWN = "select pg_total_relation_size('orders'), pg_current_wal_insert_lsn() - '0/0'::pg_lsn"
_TRIGGER = """
alter table orders add column wide bigint;
create function widen() returns trigger language plpgsql as $$ begin new.wide := new.total_yen; return new; end $$;
create trigger widen before insert or update on orders for each row
    when (new.wide is distinct from new.total_yen::bigint) execute function widen()
"""

PACES = {"": "keep = 0\n", ", gentle": "keep = 0\nbackfill_batch = 0.005\nbackfill_speed = 0.25\n"}
#: The old value of each row is written beside by default, so that the UPDATE can be taken back.
KEPT = {", old values kept": ""}


@dataclass(frozen=True, kw_only=True)
class Way:
    """What watari is given, and the single UPDATE that writes the same rows, after `before`."""

    given: str
    single: str
    before: str = ""
    paces: Mapping[str, str] = field(default_factory=lambda: PACES)


WAYS = {
    # the trigger keeps the new column right for rows that the application writes; without it the UPDATE would lose them
    "by pages (int to bigint)": Way(
        given="ALTER TABLE orders ALTER COLUMN total_yen TYPE bigint;",
        before=_TRIGGER,
        single="UPDATE orders SET wide = total_yen",
    ),
    "along the key (UPDATE)": Way(
        given="UPDATE orders SET total_yen = total_yen + 1;",
        single="UPDATE orders SET total_yen = total_yen + 1",
        paces=PACES | KEPT,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Work:
    """When it began and ended (`time.monotonic`), processor seconds of the server's process, and bytes of size and log."""

    began: float
    ended: float
    processor: float
    grown: int
    log: int


@dataclass(frozen=True, kw_only=True)
class Took:
    """The work, and what the application had to bear, idle and meanwhile."""

    work: Work
    idle: Latencies
    meanwhile: Latencies

    @property
    def wall(self) -> float:
        """Seconds by the clock."""
        return self.work.ended - self.work.began


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints one line for each size, way and pace."""
    print(
        f"\nRows a second in batches against one UPDATE of the same rows, medians of {shopped.TIMES}, 4 connections, fsync on"
    )
    print(
        "| rows | way | one UPDATE | watari | ratio | ratio of processor time | processor a row | longest stall "
        "| p99 | p99 idle | ratio | p99 beside a computing session | size: one UPDATE, watari | log | failed |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    size = min(_SMALLEST, shopped.ROWS)
    while True:
        with shopped.shop(server, "backfill", size) as source:
            for number, name in enumerate(WAYS):
                for line in _lines(server, source, size, name, folder / f"{size}-{number}"):
                    print(line, flush=True)
        if size >= shopped.ROWS:
            return
        size = min(size * 10, shopped.ROWS)


def _lines(server: EmbeddedServer, source: str, rows: int, name: str, folder: Path) -> list[str]:
    way = WAYS[name]
    paces = enumerate(way.paces.items())
    files = {pace: shopped.migration(folder / f"pace{place}", way.given, policy) for place, (pace, policy) in paces}
    single: list[Took] = []
    computing: list[Took] = []
    batches: dict[str, list[Took]] = {pace: [] for pace in files}
    for _ in range(shopped.TIMES):  # one after the other, so that what else happens on the machine meets all of them
        single.append(_measured(server, source, rows, lambda url: _single(url, way)))
        computing.append(_measured(server, source, rows, _computing))
        for pace, file in files.items():
            batches[pace].append(_measured(server, source, rows, lambda url, file=file: _batches(url, file)))
    return [_line(rows, f"{name}{pace}", single, took, computing) for pace, took in batches.items()]


def _line(rows: int, name: str, single: list[Took], batches: list[Took], computing: list[Took]) -> str:
    fast, slow = _median(took.wall for took in single), _median(took.wall for took in batches)
    spent = _median(took.work.processor for took in batches)
    cells = [f"{rows:,}", name, f"{rows / fast:,.0f}/s", f"{rows / slow:,.0f}/s", f"{fast / slow:.2f}"]
    cells.append(f"{_median(took.work.processor for took in single) / max(0.01, spent):.2f}")
    cells += [f"{spent / rows * 1e6:.2f} µs", duration(_median(took.meanwhile.longest for took in batches))]
    cells += [duration(_median(took.meanwhile.p99 for took in batches)), duration(_median(t.idle.p99 for t in batches))]
    cells.append(f"{_median(took.meanwhile.p99 / took.idle.p99 for took in batches):.1f}")
    cells.append(duration(_median(took.meanwhile.p99 for took in computing)))
    for taken in ("grown", "log"):
        figures = (_median(getattr(took.work, taken) for took in some) / 1e6 for some in (single, batches))
        cells.append(", ".join(f"{figure:,.0f} MB" for figure in figures))
    cells.append(str(sum(took.meanwhile.failed for took in batches)))
    return f"| {' | '.join(cells)} |"


def _median(figures: object) -> float:
    return statistics.median(figures)  # type: ignore[call-overload, no-any-return]


def _measured(server: EmbeddedServer, source: str, rows: int, work: Callable[[DatabaseUrl], Work]) -> Took:
    with shopped.copy(server, source) as url, shopped.at_work(url, rows) as application:
        time.sleep(_QUIET_SECONDS)
        before = time.monotonic()
        done = work(url)
    idle = application.recording.between(before - _QUIET_SECONDS, before)
    return Took(work=done, idle=idle, meanwhile=application.recording.between(done.began, done.ended))


def _single(url: DatabaseUrl, way: Way) -> Work:
    with psycopg.connect(**url.conninfo(), autocommit=True) as session:
        if way.before:
            session.execute(way.before.encode())
        return _work(session, lambda: session.execute(way.single.encode()))


def _computing(url: DatabaseUrl) -> Work:
    """A session that takes one core, and neither locks nor writes anything."""

    def compute() -> None:
        end = time.monotonic() + _COMPUTES_SECONDS
        while time.monotonic() < end:
            session.execute("select sum(n) from generate_series(1, 1000000) n")

    with psycopg.connect(**url.conninfo(), autocommit=True) as session:
        return _work(session, compute)


def _work(session: psycopg.Connection, work: Callable[[], object]) -> Work:
    size, log = _sizes(session)
    spent = _processor(session.info.backend_pid)
    began = time.monotonic()
    work()
    ended = time.monotonic()
    processor = _processor(session.info.backend_pid) - spent
    grown, written = _sizes(session)
    return Work(began=began, ended=ended, processor=processor, grown=grown - size, log=written - log)


def _batches(url: DatabaseUrl, file: Path) -> Work:
    """From the beginning of the step that writes the rows to its end."""
    moments: list[tuple[float, float, int, int]] = []
    steps: list[str | None] = []
    with psycopg.connect(**url.conninfo(), autocommit=True) as session:

        def listen(event: Event) -> None:
            begins = event.kind is EventKind.STEP_BEGAN and event.data["step_kind"] == "backfill"
            if begins:
                steps.append(event.step)
            if begins or (event.kind is EventKind.STEP_ENDED and event.step in steps):
                now = time.monotonic()
                (pid,) = session.execute(_WORKER).fetchone() or (0,)
                moments.append((now, _processor(pid), *_sizes(session)))

        shopped.apply(url, file, listen)
    (began, before, size, log), (ended, after, grown, written) = moments
    return Work(began=began, ended=ended, processor=after - before, grown=grown - size, log=written - log)


def _sizes(session: psycopg.Connection) -> tuple[int, int]:
    size, log = session.execute(_GROWN).fetchone() or (0, 0)
    return int(size), int(log)


def _processor(pid: int) -> float:
    """Seconds that a process of this machine has spent on a processor so far."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="utf-8").split()[0]) / 1e9
    except OSError:  # a kernel without it counts in hundredths
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100
