"""How long an application waits while its schema changes: twelve changes as written, and by watari, under the same load.

Each is made with nobody in the way, and with a transaction of eight seconds open on the table. The size of the table before
and after says what was copied. See `bench.shopped` for the number of rows and of repetitions.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import shopped
from watari.demo.latencies import Latencies
from watari.demo.naive import apply_as_written
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl
from watari.reporting.wording import duration, size

_QUIET_SECONDS = 2.0
_OLD_TRANSACTION_SECONDS = 8.0
#: What each change needs beforehand stands before it; it is done before anything is measured.
_BEFORE = "ALTER TABLE orders ADD COLUMN note varchar(40); ALTER TABLE orders ADD COLUMN reference bigint; UPDATE orders SET reference = id"
_CHANGES = {
    "add column": "ALTER TABLE orders ADD COLUMN remark text;",
    "add column, volatile default": "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    "NOT NULL": "ALTER TABLE orders ALTER COLUMN status SET NOT NULL;",
    "check": "ALTER TABLE orders ADD CHECK (total_yen >= 0);",
    "foreign key": "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);",
    "unique": "ALTER TABLE orders ADD UNIQUE (reference);",
    "index": "CREATE INDEX orders_customer_id_idx ON orders (customer_id);",
    "drop column": "ALTER TABLE orders DROP COLUMN note;",
    "rename column": "ALTER TABLE orders RENAME COLUMN note TO remark;",
    "int to bigint": "ALTER TABLE orders ALTER COLUMN total_yen TYPE bigint;",
    "varchar to text": "ALTER TABLE orders ALTER COLUMN note TYPE text;",
    "large UPDATE": "UPDATE orders SET total_yen = total_yen + 1;",
}
_SIZE = "select pg_table_size('orders')"
_COLUMNS = ("took", "longest stall", "p99", "failed", "size after")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One change: its seconds, what the application had to bear meanwhile, and the table's bytes before and after."""

    seconds: float
    found: Latencies
    before: int
    after: int


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints one line for each change."""
    with shopped.shop(server, "stalls", shopped.ROWS, _BEFORE) as source:
        for behind in (False, True):
            _head(behind)
            for number, (name, sql) in enumerate(_wanted()):
                file = shopped.migration(folder / f"{number}-{behind}", sql)
                print(_line(server, source, name, file, behind=behind), flush=True)


def _wanted() -> list[tuple[str, str]]:
    only = [name.strip() for name in os.environ.get("WATARI_BENCH_ONLY", "").split(",") if name.strip()]
    return [(name, sql) for name, sql in _CHANGES.items() if not only or name in only]


def _head(behind: bool) -> None:
    where = (
        f"behind a transaction of {_OLD_TRANSACTION_SECONDS:g} s on the table" if behind else "with nobody in the way"
    )
    print(
        f"\nStalls of an application, {where}: {shopped.ROWS:,} rows, 4 connections, medians of {shopped.TIMES}, fsync on"
    )
    ways = [f"{way}: {column}" for way in ("as written", "watari") for column in _COLUMNS]
    print(f"| change | size before | {' | '.join(ways)} |")
    print("| --- " * (len(ways) + 2) + "|")


def _line(server: EmbeddedServer, source: str, name: str, file: Path, *, behind: bool) -> str:
    ways: tuple[Callable[[DatabaseUrl], None], ...] = (
        lambda url: apply_as_written(url, [file]),
        lambda url: shopped.apply(url, file),
    )
    outcomes: list[list[Outcome]] = [[], []]
    for _ in range(shopped.TIMES):  # one after the other, so that what else happens on the machine meets both
        for way, found in zip(ways, outcomes, strict=True):
            found.append(_measured(server, source, way, behind=behind))
    cells = [size(outcomes[0][0].before)]
    for found in outcomes:
        cells += _cells(found)
    return f"| {name} | {' | '.join(cells)} |"


def _cells(found: Sequence[Outcome]) -> list[str]:
    """Medians; failed statements are added up, since one is too many."""
    return [
        duration(statistics.median(each.seconds for each in found)),
        duration(statistics.median(each.found.longest for each in found)),
        duration(statistics.median(each.found.p99 for each in found)),
        str(sum(each.found.failed for each in found)),
        size(round(statistics.median(each.after for each in found))),
    ]


def _measured(server: EmbeddedServer, source: str, way: Callable[[DatabaseUrl], None], *, behind: bool) -> Outcome:
    with shopped.copy(server, source) as url, psycopg.connect(**url.conninfo(), autocommit=True) as session:
        before = session.execute(_SIZE).fetchone()
        with shopped.at_work(url, shopped.ROWS) as application:
            time.sleep(_QUIET_SECONDS)
            with _old_transaction(url) if behind else nullcontext():
                began = time.monotonic()
                way(url)
                ended = time.monotonic()
            time.sleep(_QUIET_SECONDS)
        after = session.execute(_SIZE).fetchone()
    assert before is not None and after is not None
    found = application.recording.between(began, ended)
    return Outcome(seconds=ended - began, found=found, before=before[0], after=after[0])


@contextmanager
def _old_transaction(url: DatabaseUrl) -> Iterator[None]:
    """Somebody has read the table and forgotten to commit."""
    reading = threading.Event()

    def forget() -> None:
        with psycopg.connect(**url.conninfo()) as session:
            session.execute("select * from orders limit 1")
            reading.set()
            time.sleep(_OLD_TRANSACTION_SECONDS)

    forgetful = threading.Thread(target=forget)
    forgetful.start()
    reading.wait()
    yield
    forgetful.join()
