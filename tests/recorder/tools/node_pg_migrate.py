"""node-pg-migrate on node-postgres, SQL files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers.node_pg_migrate import PEER
from recorder.tools import Tool
from watari.project.url import DatabaseUrl


class NodePgMigrate(Tool):
    name = "node-pg-migrate"
    needs = "npm"

    def install(self) -> None:
        PEER.install()

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        PEER.prepare(folder, 0)
        for n, statements in enumerate(migrations):
            text = "-- Up Migration\n" + "".join(f"{statement};\n" for statement in statements) + "-- Down Migration\n"
            (folder / f"migrations/{1700000000000 + n}_m.sql").write_text(text)

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        return PEER.command(folder, url)


TOOL = NodePgMigrate()
