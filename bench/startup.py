"""How long the program takes to say its version, and a status."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.databases import fresh
from bench.measure import process, repeated
from bench.peers.watari import PEER
from watari.postgres.embedded import EmbeddedServer


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints medians of eleven calls: wall and own seconds."""
    (folder / "p").mkdir(parents=True)
    PEER.install()
    PEER.prepare(folder / "p", 20)
    url = fresh(server)
    _, environ = PEER.command(folder / "p", url)
    program = str(PEER.program)
    rows = {
        "python3 -c ''": [sys.executable, "-c", ""],
        "watari --version": [program, "--version"],
        "watari status (20 pending)": [program, "status", "-q"],
    }
    print("\nStart-up, seconds (median of 11)\n| command | wall | own process time |\n| --- | --- | --- |")
    for name, argv in rows.items():
        figure = repeated(lambda argv=argv: process(argv, folder=folder / "p", environ=environ, expect=(0, 1)), 11)
        print(f"| `{name}` | {figure.wall:.3f} | {figure.own:.3f} |", flush=True)
