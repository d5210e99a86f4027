"""What the recorder costs: a probed statement, another one, 10,000 in one transaction, and `pgbench -S` beside PgBouncer.

Times are the tool's own, direct and through the door by turns in one run; `RECORDER_STATEMENTS` and `RECORDER_SECONDS` set the size.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from bench.databases import drop, fresh
from tests.fixtures.pooler import PGBOUNCER, pgbouncer
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder

STATEMENTS = int(os.environ.get("RECORDER_STATEMENTS", "1000"))
SECONDS = os.environ.get("RECORDER_SECONDS", "3")
REPEATED = 5


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints the figures."""
    folder.mkdir(parents=True)
    _statements(server)
    _line(server)
    _pgbench(folder)


def _statements(server: EmbeddedServer) -> None:
    """Cost of one statement: CREATE TABLE (probed) and SELECT (passed on), alone and in one transaction."""
    print(f"\nrecorder: {STATEMENTS} statements by psql, medians of {REPEATED}, milliseconds a statement")
    print("| statement | direct | passed on only | recorded | cost | the recorder's own processor time |")
    print("| --- | --- | --- | --- | --- | --- |")
    cases: dict[str, tuple[Callable[[int], str], bool]] = {
        "CREATE TABLE, autocommit": (lambda n: f"create table t{n} (id int primary key, n int)", True),
        "CREATE TABLE, one transaction": (lambda n: f"create table t{n} (id int primary key, n int)", False),
        "INSERT, one transaction": (lambda n: f"insert into one select {n}", False),
        "SELECT 1, autocommit": (lambda n: "select 1", True),
        "SELECT 1, one transaction": (lambda n: "select 1", False),
    }
    for name, (statement, autocommit) in cases.items():
        found: dict[str, list[float]] = {"direct": [], "passed": [], "recorded": []}
        own: list[float] = []
        for _ in range(REPEATED):
            for way in found:
                began = time.process_time()
                found[way].append(_time(server, way, statement, STATEMENTS, autocommit=autocommit))
                if way == "recorded":
                    own.append(time.process_time() - began)
        medians = [statistics.median(times) / STATEMENTS * 1000 for times in (*found.values(), own)]
        direct, passed, recorded, ours = medians
        cells = f"{direct:.3f} | {passed:.3f} | {recorded:.3f} | {recorded - direct:+.3f} | {ours:.3f}"
        print(f"| {name} | {cells} |", flush=True)


def _line(server: EmbeddedServer) -> None:
    """Whether the cost grows in a straight line: one transaction of ever more tables."""
    print("\nrecorder: tables made in one transaction, seconds\n| tables | direct | recorded | looks' share |")
    print("| --- | --- | --- | --- |")
    for count in (STATEMENTS, STATEMENTS * 3, STATEMENTS * 10):

        def statement(number: int) -> str:
            return f"create table t{number} (id int primary key, n int)"

        direct = _time(server, "direct", statement, count, autocommit=False)
        recorded = _time(server, "recorded", statement, count, autocommit=False)
        print(f"| {count:,} | {direct:.2f} | {recorded:.2f} | {recorded / direct - 1:+.0%} |", flush=True)


@contextmanager
def _door(url: DatabaseUrl, way: str) -> Iterator[DatabaseUrl]:
    if way == "direct":
        yield url
        return
    with Recorder(url, look=way == "recorded") as recorder:
        yield recorder.url


def _time(server: EmbeddedServer, way: str, statement: Callable[[int], str], count: int, *, autocommit: bool) -> float:
    """Seconds that psql takes for so many statements, its start left out; it is another process, as every tool is."""
    url = fresh(server)
    with psycopg.connect(**url.conninfo(), autocommit=True) as before:
        before.execute("create table one (id int)")
    texts = "".join(f"{statement(number)};\n" for number in range(count))
    script = texts if autocommit else f"begin;\n{texts}commit;\n"
    with _door(url, way) as address:
        empty = min(_psql(address, "select 1;\n") for _ in range(3))
        took = _psql(address, script) - empty
    drop(server, url)
    return took


def _psql(url: DatabaseUrl, script: str) -> float:
    psql = tool("psql", at_least=14)
    began = time.perf_counter()
    done = subprocess.run(
        [str(psql.path), "-X", "-q", "-v", "ON_ERROR_STOP=1"],
        input=script,
        env=_environment(url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    return time.perf_counter() - began


def _pgbench(folder: Path) -> None:
    program = shutil.which("pgbench")
    if program is None:
        print("pgbench is not on this machine")
        return
    with EmbeddedServer.start(folder / "trusting", trust=True, scratch=folder) as server:
        _pgbench_on(server, program, folder)


def _pgbench_on(server: EmbeddedServer, program: str, folder: Path) -> None:
    url = fresh(server)
    subprocess.run([program, "-i", "-q", "-s", "5"], env=_environment(url), check=True, capture_output=True)
    print(f"\npgbench -S, {SECONDS} s a cell, transactions a second")
    print("| way | 1 session, simple | 1 session, prepared | 4 sessions, prepared |\n| --- | --- | --- | --- |")
    with ExitStack() as stack:
        ways: dict[str, DatabaseUrl] = {"direct": url}
        if PGBOUNCER:
            pooler = stack.enter_context(pgbouncer(server, folder / "pooler", mode="session"))
            ways["PgBouncer"] = pooler.of_database(url.database)
        for way in ("passed", "recorded"):
            ways[f"recorder, {way}"] = stack.enter_context(_door(url, way))
        for name, address in ways.items():
            cells = [
                _transactions(program, address, mode, sessions)
                for mode, sessions in (("simple", 1), ("prepared", 1), ("prepared", 4))
            ]
            more = "".join(f" {1000 / cell:.3f} ms" if place < 2 else "" for place, cell in enumerate(cells))
            print(f"| {name} | {' | '.join(f'{cell:,.0f}' for cell in cells)} | {more}", flush=True)


def _transactions(program: str, url: DatabaseUrl, mode: str, sessions: int) -> float:
    command = [program, "-n", "-S", "-T", SECONDS, "-M", mode, "-c", str(sessions)]
    done = subprocess.run(command, env=_environment(url), check=True, capture_output=True, text=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("tps")]
    return float(line.split("=")[1].split()[0])


def _environment(url: DatabaseUrl) -> Mapping[str, str]:
    return {**os.environ, **url.child_environment()}
