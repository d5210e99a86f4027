"""Clones of one database by every way, beside the runbook's `pg_dump | psql` into a server of its own."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from bench.databases import drop, fresh
from watari.evidence.event import ignore
from watari.planning.plan import Direction, Plan
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl
from watari.rehearsal.clones import make_clone
from watari.rehearsal.source import look_at

#: Size of the database in megabytes, and how often each way is taken.
_MEGABYTES = int(os.environ.get("WATARI_BENCH_MB", "2000"))
_TIMES = int(os.environ.get("WATARI_BENCH_TIMES", "3"))
_NOTHING = Plan(
    sha256="",
    version=1,
    database="shop",
    environment="",
    framework="sql",
    direction=Direction.FORWARD,
    fingerprint="",
    server_version=180000,
    migrations=(),
    steps=(),
)


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints medians in seconds, and how many times faster than the runbook's way each is."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    url = fresh(server)
    size = _fill(url)
    ways: dict[str, Callable[[], float]] = {
        "pg_dump | psql": lambda: _runbook(url, folder),
        **{way: lambda way=way: _clone(url, way) for way in ("template", "dump", "base_backup")},
    }
    # one of each in turn, so that whatever else the machine does weighs on all of them
    taken = [{name: way() for name, way in ways.items()} for _ in range(_TIMES)]
    found = {name: statistics.median(each[name] for each in taken) for name in ways}
    runbook = found["pg_dump | psql"]
    print(f"\nA clone of {size / 1e9:.2f} GB, seconds (median of {_TIMES})")
    print("| way | seconds | times as fast as the runbook's |\n| --- | --- | --- |")
    for name, seconds in found.items():
        print(f"| {name} | {seconds:.2f} | {runbook / seconds:.1f} |", flush=True)
    drop(server, url)


def _fill(url: DatabaseUrl) -> int:
    """Orders with three indexes, about 200 bytes a row with them; the size in bytes comes out."""
    rows = _MEGABYTES * 1_000_000 // 205
    with psycopg.connect(**url.conninfo(), autocommit=True) as connection:
        connection.execute(
            "create table customers (id int primary key, name text); "
            "insert into customers select g, 'customer ' || g from generate_series(1, 10000) g; "
            "create table orders (id bigint primary key, customer_id int not null, status text, note text, at timestamptz)"
        )
        connection.execute(
            "insert into orders select g, g %% 10000 + 1, 'paid', md5(g::text) || md5((g + 1)::text), "
            "now() - make_interval(secs => g) from generate_series(1, %s) g",
            [rows],
        )
        connection.execute(
            "create index on orders (customer_id); create index on orders (at); "
            "alter table orders add foreign key (customer_id) references customers (id)"
        )
        connection.execute("vacuum analyze")
        connection.execute("checkpoint")
        row = connection.execute("select pg_database_size(current_database())").fetchone()
    assert row is not None
    return int(row[0])


def _clone(url: DatabaseUrl, way: str) -> float:
    """Until it can be used; what its removal takes is not counted."""
    began = time.monotonic()
    with make_clone(look_at(url, _NOTHING), way=way, events=ignore):
        return time.monotonic() - began


def _runbook(url: DatabaseUrl, folder: Path) -> float:
    """A server as it comes, and both tools with a pipe between them."""
    dump, psql = tool("pg_dump", at_least=18), tool("psql", at_least=18)
    with EmbeddedServer.start(folder / "staging", settings={"fsync": "on"}, scratch=folder / "staging") as staging:
        began = time.monotonic()
        source = subprocess.Popen(
            [str(dump.path)], env={**os.environ, **url.child_environment()}, stdout=subprocess.PIPE
        )
        target = {**os.environ, **staging.url().child_environment()}
        subprocess.run(
            [str(psql.path), "-q", "-X"], env=target, stdin=source.stdout, stdout=subprocess.DEVNULL, check=True
        )
        source.wait()
        seconds = time.monotonic() - began
    staging.remove()
    return seconds
