"""Prisma's schema engine, as its package ships it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers.prisma import PEER
from recorder.tools import Tool
from watari.project.url import DatabaseUrl


class Prisma(Tool):
    name = "Prisma"
    needs = "npm"

    def install(self) -> None:
        PEER.install()

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        PEER.prepare(folder, 0)
        for n, statements in enumerate(migrations):
            own = folder / f"prisma/migrations/2025000000000{n}_m"
            own.mkdir()
            (own / "migration.sql").write_text("".join(f"{statement};\n" for statement in statements))

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        return PEER.command(folder, url)


TOOL = Prisma()
