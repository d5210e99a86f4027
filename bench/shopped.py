"""A shop of so many orders, copied for each measurement, with its application at work; and one migration of one statement.

`WATARI_BENCH_ROWS` is the number of orders (1,000,000 without it), `WATARI_BENCH_TIMES` how often each measurement is made.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.databases import drop
from watari.crossing import Crossing
from watari.demo.application import Application
from watari.demo.loading import copy_database, create_database, load
from watari.demo.naive import apply_as_written
from watari.demo.project_folder import SHOP
from watari.evidence.event import EventSink, ignore
from watari.postgres.embedded import EmbeddedServer
from watari.project.settings import load as load_project
from watari.project.url import DatabaseUrl

ROWS = int(os.environ.get("WATARI_BENCH_ROWS", "1000000"))
TIMES = int(os.environ.get("WATARI_BENCH_TIMES", "3"))


@contextmanager
def shop(server: EmbeddedServer, name: str, orders: int, before: str = "") -> Iterator[str]:
    """A database with `orders` orders, to be copied by its name; `before` is SQL that is run on it first.

    It is written afresh and analysed, so that what a measured change adds to the size is its own.
    """
    url = create_database(server.url(), name)
    apply_as_written(url, sorted((SHOP / "migrations").glob("*.up.sql")))
    load(url, orders=orders, told=lambda part: None)
    with psycopg.connect(**url.conninfo(), autocommit=True) as session:
        session.execute(before.encode())
        session.execute("vacuum (full, analyze)" if before else "vacuum analyze")
        session.execute("vacuum")
    try:
        yield name
    finally:
        drop(server, url)


@contextmanager
def copy(server: EmbeddedServer, source: str) -> Iterator[DatabaseUrl]:
    """A copy of it, with what the copying left to write written."""
    url = copy_database(server.url(), source, f"{source}_now")
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute("checkpoint")
    try:
        yield url
    finally:
        drop(server, url)


@contextmanager
def at_work(url: DatabaseUrl, orders: int) -> Iterator[Application]:
    """Its application, four connections with 2 ms between operations; what it recorded is whole when the context ends."""
    application = Application.start(url, orders=orders)
    try:
        yield application
    finally:
        application.stop()


def migration(folder: Path, sql: str, policy: str = "") -> Path:
    """A project whose one migration is `sql`, under the default policy or with these lines of it; its file comes out."""
    (folder / "migrations").mkdir(parents=True, exist_ok=True)
    file = folder / "migrations" / "001_change.up.sql"
    file.write_text(sql + "\n", encoding="utf-8")
    if policy:
        head = '[environments.default]\nurl = "env:DATABASE_URL"\n[environments.default.policy]\n'
        (folder / "watari.toml").write_text(head + policy, encoding="utf-8")
    return file


def apply(url: DatabaseUrl, file: Path, events: EventSink = ignore) -> None:
    """`watari apply` of the project that `file` is the migration of."""
    project = load_project(file.parents[1], environ={"DATABASE_URL": url.reveal().reveal()})
    (target,) = project.targets()
    crossing = Crossing(project, target, events=events)
    crossing.apply(crossing.plan())
