"""How long going back takes, and what an application feels of it, while it writes all the time: nothing may be lost.

`WATARI_GOING_BACK_ROWS` is the size of the table (10 million without it).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.databases import drop
from bench.mirrored import CONNECTIONS, FILL, SETUP, Compared, compare
from watari.crossing import Crossing
from watari.demo.application import Application
from watari.demo.latencies import Latencies
from watari.demo.loading import copy_database, create_database
from watari.postgres.embedded import EmbeddedServer
from watari.project.settings import load as load_project
from watari.project.url import DatabaseUrl
from watari.reporting.wording import duration

ROWS = int(os.environ.get("WATARI_GOING_BACK_ROWS", "10000000"))
CHANGES = {
    "int to bigint": "ALTER TABLE ledger ALTER COLUMN amount TYPE bigint;",
    "drop column": "ALTER TABLE ledger DROP COLUMN note;",
    "drop table": "DROP TABLE archive;",
    "rename table": "ALTER TABLE ledger RENAME TO book;",
    "rename column": "ALTER TABLE ledger RENAME COLUMN amount TO total;",
}
_WRITING_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One change and its way back: seconds and latencies of both, and the comparison with the mirror at the end."""

    across_seconds: float
    across: Latencies
    back_seconds: float
    back: Latencies
    compared: Compared
    notes: int  # values that the dropped column holds again, of rows that nobody deleted
    archive: int  # rows of the dropped table


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints one row a change."""
    full = filled(server.url(), "going_back", ROWS)
    print(f"\nGoing back while an application writes, {ROWS:,} rows, 4 connections, fsync on")
    print("| change | across: took | longest stall | back: took | longest stall | failed | rows lost | writes lost |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for number, (name, sql) in enumerate(CHANGES.items()):
        url = copy_database(server.url(), "going_back", "going_back_now")
        found = there_and_back(url, folder / str(number), sql, rows=ROWS)
        cells = [duration(found.across_seconds), duration(found.across.longest)]
        cells += [duration(found.back_seconds), duration(found.back.longest)]
        cells += [str(found.across.failed + found.back.failed)]
        cells += [str(found.compared.lost_rows), str(found.compared.lost_writes)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
        drop(server, url)
    drop(server, full)


def filled(server: DatabaseUrl, name: str, rows: int) -> DatabaseUrl:
    """A database with the ledger and the archive, analysed."""
    url = create_database(server, name)
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        connection.execute(SETUP)
        connection.execute(FILL.format(rows=rows).encode())
        connection.execute("vacuum analyze")
    return url


def there_and_back(
    url: DatabaseUrl, folder: Path, sql: str, *, rows: int, writing: float = _WRITING_SECONDS
) -> Outcome:
    """The change by watari, some writing, and back, with the application at work; then the comparison."""
    crossing = _crossing(url, folder, sql)
    notes = folder / "mirror.json"
    application = Application.start(
        url, orders=rows, connections=CONNECTIONS, work="bench.mirrored:Bookkeeper", notes=notes
    )
    try:
        time.sleep(writing)
        moments = [time.monotonic()]
        crossing.apply(crossing.plan())
        moments.append(time.monotonic())
        time.sleep(writing)
        moments.append(time.monotonic())
        back = crossing.way_back()
        if back is None:
            raise LookupError("no way back")
        crossing.roll_back(back)
        moments.append(time.monotonic())
        time.sleep(writing)
    finally:
        recording = application.stop()
    began, across, returning, returned = moments
    with psycopg.connect(**url.conninfo()) as connection:
        row = connection.execute("select (select count(note) from ledger), (select count(*) from archive)").fetchone()
    assert row is not None
    return Outcome(
        across_seconds=across - began,
        across=recording.between(began, across),
        back_seconds=returned - returning,
        back=recording.between(returning, returned),
        compared=compare(url, notes, rows=rows),
        notes=row[0],
        archive=row[1],
    )


def _crossing(url: DatabaseUrl, folder: Path, sql: str) -> Crossing:
    (folder / "migrations").mkdir(parents=True)
    (folder / "migrations" / "001_change.up.sql").write_text(sql + "\n", encoding="utf-8")
    project = load_project(folder, environ={"DATABASE_URL": url.reveal().reveal()})
    (target,) = project.targets()
    return Crossing(project, target)
