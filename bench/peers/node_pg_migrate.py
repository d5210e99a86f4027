"""node-pg-migrate with SQL files."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Peer, node_modules


class NodePgMigrate(Peer):
    name = "node-pg-migrate"

    def install(self):
        self.modules = node_modules("node-pg-migrate", "node-pg-migrate@8", "pg@8")

    def prepare(self, folder: Path, count: int):
        (folder / "migrations").mkdir()
        (folder / "node_modules").symlink_to(self.modules)
        for n in range(count):
            text = f"-- Up Migration\nCREATE TABLE t{n:04} (id int);\n-- Down Migration\nDROP TABLE t{n:04};\n"
            (folder / f"migrations/{1735689600000 + n}_t.sql").write_text(text)

    def command(self, folder, url):
        return ["node", "node_modules/.bin/node-pg-migrate", "up"], {"DATABASE_URL": url.reveal().reveal()}


PEER = NodePgMigrate()
