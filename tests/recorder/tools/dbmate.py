"""dbmate: Go's pq, a file a query, one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers.dbmate import PEER
from recorder.tools import Tool
from watari.project.url import DatabaseUrl


class Dbmate(Tool):
    name = "dbmate"
    needs = "sh"

    def install(self) -> None:
        PEER.install()

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        PEER.prepare(folder, 0)
        for n, statements in enumerate(migrations):
            text = "-- migrate:up\n" + "".join(f"{statement};\n" for statement in statements) + "-- migrate:down\n"
            (folder / f"db/migrations/2025000000000{n}_m.sql").write_text(text)

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        address = url.reveal(scheme="postgres").reveal()
        address += "" if "sslmode" in address else "?sslmode=disable"
        return [str(PEER.bin / "dbmate"), "--no-dump-schema", "up"], {"DATABASE_URL": address}


TOOL = Dbmate()
