"""How long an application waits while its schema changes: each change as written, and by watari, under the same load."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.databases import drop
from watari.crossing import Crossing
from watari.demo.application import Application
from watari.demo.latencies import Latencies
from watari.demo.loading import copy_database, create_database, load
from watari.demo.naive import apply_as_written
from watari.demo.project_folder import SHOP
from watari.postgres.embedded import EmbeddedServer
from watari.project.settings import load as load_project
from watari.project.url import DatabaseUrl
from watari.reporting.wording import duration

_ORDERS = 1_000_000
_QUIET_SECONDS = 2.0
_OLD_TRANSACTION_SECONDS = 8.0
_CHANGES = {
    "CREATE INDEX": "CREATE INDEX orders_customer_id_idx ON orders (customer_id);",
    "ADD FOREIGN KEY": "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);",
    "SET NOT NULL": "ALTER TABLE orders ALTER COLUMN status SET NOT NULL;",
    "ALTER COLUMN TYPE bigint": "ALTER TABLE orders ALTER COLUMN total_yen TYPE bigint;",
    "ADD COLUMN behind an 8 s transaction": "ALTER TABLE orders ADD COLUMN note text;",
}


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints, for each change, how long it took and the slowest operation of four connections meanwhile."""
    shop = create_database(server.url(), "stalls")
    apply_as_written(shop, sorted((SHOP / "migrations").glob("*.up.sql")))
    load(shop, orders=_ORDERS, told=lambda part: None)
    print(f"\nLongest stall of an application during one change, {_ORDERS:,} rows, 4 connections, fsync on")
    print("| change | as written: took | longest stall | p99 | watari: took | longest stall | p99 |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for number, (name, sql) in enumerate(_CHANGES.items()):
        file = _project(folder / str(number), sql)
        cells = []
        for way in (lambda url, file=file: apply_as_written(url, [file]), lambda url, file=file: _watari(url, file)):
            took, found = _measured(server, way, behind="behind" in name)
            cells += [duration(took), duration(found.longest), duration(found.p99)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    drop(server, shop)


def _project(folder: Path, sql: str) -> Path:
    (folder / "migrations").mkdir(parents=True)
    file = folder / "migrations" / "001_change.up.sql"
    file.write_text(sql + "\n")
    return file


def _watari(url: DatabaseUrl, file: Path) -> None:
    project = load_project(file.parents[1], environ={"DATABASE_URL": url.reveal().reveal()})
    (target,) = project.targets()
    crossing = Crossing(project, target)
    crossing.apply(crossing.plan())


def _measured(server: EmbeddedServer, way: Callable[[DatabaseUrl], None], *, behind: bool) -> tuple[float, Latencies]:
    url = copy_database(server.url(), "stalls", "stalls_now")
    application = Application.start(url, orders=_ORDERS)
    try:
        time.sleep(_QUIET_SECONDS)
        with _old_transaction(url) if behind else _nothing():
            began = time.monotonic()
            way(url)
            ended = time.monotonic()
        time.sleep(_QUIET_SECONDS)
    finally:
        recording = application.stop()
    drop(server, url)
    return ended - began, recording.between(began, ended)


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


@contextmanager
def _nothing() -> Iterator[None]:
    yield
