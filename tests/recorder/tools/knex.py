"""Knex on node-postgres."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers.knex import PEER
from recorder.tools import Tool
from watari.project.url import DatabaseUrl


class Knex(Tool):
    name = "Knex"
    needs = "npm"

    def install(self) -> None:
        PEER.install()

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        PEER.prepare(folder, 0)
        for n, statements in enumerate(migrations):
            body = "".join(f"  await k.raw({json.dumps(statement)});\n" for statement in statements)
            ask = "  await k('users').where('id', '>', 3).count();\n" if n else ""
            text = f"exports.up = async k => {{\n{body}{ask}}};\nexports.down = async () => {{}};\n"
            (folder / f"migrations/2025000000000{n}_m.js").write_text(text)

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        return PEER.command(folder, url)


TOOL = Knex()
