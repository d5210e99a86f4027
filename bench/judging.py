"""How fast statements are judged: in one process, and LiteLLM's 220 migrations by `watari check`, the first and the second time."""

from __future__ import annotations

import os
import shutil
import statistics
import time
from pathlib import Path

from bench.databases import fresh
from bench.measure import process, repeated
from bench.peers import python_environment
from bench.peers.watari import PEER
from watari.catalog import Catalog
from watari.postgres.embedded import EmbeddedServer
from watari.project.policy import Policy
from watari.risk.judge import judge
from watari.sql.statement import Script, Statement

_PACKAGE = "litellm-proxy-extras==0.4.110"
_TIMES = int(os.environ.get("WATARI_BENCH_TIMES", "7"))


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints statements per second of process time (reading and parsing included), and own seconds of the command."""
    folder.mkdir(parents=True)
    bin_folder = python_environment("litellm", "--no-deps", _PACKAGE)
    package = next(bin_folder.parent.glob("lib/python*/site-packages/litellm_proxy_extras"))
    shutil.copytree(package / "migrations", folder / "prisma" / "migrations")
    shutil.copy(package / "schema.prisma", folder / "prisma")
    files = sorted((folder / "prisma" / "migrations").glob("*/migration.sql"))
    count, seconds = _in_one_process(files)
    print(
        f"\nJudging LiteLLM's {len(files)} migrations: {count / seconds:,.0f} statements a second ({count} in {seconds:.3f} s)"
    )
    PEER.install()
    _, environ = PEER.command(folder, fresh(server))
    argv = [str(PEER.program), "check", "-q"]
    print("| `watari check` | wall | own process time |\n| --- | --- | --- |")
    for name in ("first", "second"):

        def once(forget: bool = name == "first") -> tuple[float, float]:
            if forget:
                shutil.rmtree(folder / ".watari", ignore_errors=True)
            return process(argv, folder=folder, environ=environ, expect=(0, 1))

        figure = repeated(once, _TIMES)
        print(f"| {name} time | {figure.wall:.3f} | {figure.own:.3f} |", flush=True)


def _in_one_process(files: list[Path]) -> tuple[int, float]:
    """The number of statements, and the median of the process's own seconds; nothing is remembered between two times."""
    from watari.sql import grammar, parsing, plpgsql

    texts = [(file.parent.name, file.read_bytes()) for file in files]
    facts, policy = Catalog(database="litellm", server_version=180000), Policy()
    found: list[float] = []
    count = 0
    for _ in range(_TIMES):
        for kept in (parsing._kept, plpgsql._compiled, grammar.expression, grammar.type_of):
            kept.cache_clear()
        began = time.process_time()
        units: list[tuple[str | None, tuple[Statement, ...], bool]] = [
            (name, Script(file=name, data=data).statements, True) for name, data in texts
        ]
        count = len(judge(units, facts, policy).statements)
        found.append(time.process_time() - began)
    return count, statistics.median(found[1:] or found)
