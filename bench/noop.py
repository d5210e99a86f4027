"""Nothing to do, over 5,000 known migrations."""

from __future__ import annotations

from pathlib import Path

from bench.databases import fresh
from bench.measure import process, repeated
from bench.peers.watari import PEER
from watari.postgres.embedded import EmbeddedServer


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints the median of seven calls of `apply` and `status`."""
    folder.mkdir(parents=True)
    PEER.install()
    PEER.prepare(folder, 5000)
    url = fresh(server)
    argv, environ = PEER.command(folder, url)
    first, _ = process(argv, folder=folder, environ=environ)
    print(f"\n5,000 known migrations (bringing them in took {first:.2f} s)")
    print("| command | wall | own process time |\n| --- | --- | --- |")
    for name, command in {"apply --yes": argv, "status": [argv[0], "status", "-q"]}.items():
        figure = repeated(lambda command=command: process(command, folder=folder, environ=environ), 7)
        print(f"| `watari {name}` | {figure.wall:.3f} | {figure.own:.3f} |", flush=True)
