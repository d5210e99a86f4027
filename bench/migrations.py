"""N trivial migrations from an empty database to head, with peers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.databases import count_tables, drop, fresh
from bench.measure import Figure, process, repeated
from bench.peers import Peer, peers
from watari.postgres.embedded import EmbeddedServer

_TIMES = int(os.environ.get("WATARI_BENCH_TIMES", "5"))


def run(server: EmbeddedServer, folder: Path) -> None:
    """Prints medians of five, watari first, and each peer's ratio to watari."""
    walls: dict[str, dict[int, float]] = {}
    for count in (100, 1000):
        found: dict[str, Figure] = {}
        for peer in sorted(peers(), key=lambda peer: peer.name != "watari"):
            if count not in peer.counts:
                continue
            try:
                peer.install()
            except Exception as reason:
                print(f"left out: {peer.name}: {str(reason).splitlines()[0]}")
                continue
            found[peer.name] = repeated(lambda peer=peer, count=count: _once(server, folder, peer, count), _TIMES)
            walls.setdefault(peer.name, {})[count] = found[peer.name].wall
        ours = found["watari"].wall
        print(f"\n{count:,} migrations, `CREATE TABLE` each: seconds (median of {_TIMES})")
        print("| tool | wall | lowest–highest | own process time | against watari |\n| --- | --- | --- | --- | --- |")
        for name, figure in sorted(found.items(), key=lambda item: item[1].wall):
            spread = f"{figure.lowest:.3f}–{figure.highest:.3f}"
            print(
                f"| {name} | {figure.wall:.3f} | {spread} | {figure.own:.3f} | {figure.wall / ours:.2f} |", flush=True
            )
    _one_more({name: (wall[1000] - wall[100]) / 900 for name, wall in walls.items() if len(wall) == 2})


def _one_more(costs: dict[str, float]) -> None:
    """What one more migration costs, from 100 to 1,000, against one psql session without any history."""
    base = costs.get("psql (no history)")
    print("\nOne more migration, from 100 to 1,000\n| tool | milliseconds | against psql |\n| --- | --- | --- |")
    for name, cost in sorted(costs.items(), key=lambda item: item[1]):
        print(f"| {name} | {cost * 1000:.2f} | {f'{cost / base:.2f}' if base else '-'} |", flush=True)


def _once(server: EmbeddedServer, folder: Path, peer: Peer, count: int) -> tuple[float, float]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    peer.prepare(folder, count)
    url = fresh(server)
    argv, environ = peer.command(folder, url)
    figures = process(argv, folder=folder, environ=environ)
    made = count_tables(url)
    assert made == count, f"{peer.name} made {made} of {count} tables"
    drop(server, url)
    return figures
