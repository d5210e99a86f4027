"""Knex."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Peer, node_modules

CONFIG = (
    'module.exports = {client: "pg", connection: process.env.DATABASE_URL, migrations: {directory: "./migrations"}}\n'
)
MIGRATION = (
    "exports.up = k => k.raw('CREATE TABLE t{n:04} (id int)');\nexports.down = k => k.raw('DROP TABLE t{n:04}');\n"
)


class Knex(Peer):
    name = "knex"

    def install(self):
        self.modules = node_modules("knex", "knex@3", "pg@8")

    def prepare(self, folder: Path, count: int):
        (folder / "migrations").mkdir()
        (folder / "node_modules").symlink_to(self.modules)
        (folder / "knexfile.js").write_text(CONFIG)
        for n in range(count):
            (folder / f"migrations/2025{n:010}_t.js").write_text(MIGRATION.format(n=n))

    def command(self, folder, url):
        return ["node", "node_modules/.bin/knex", "migrate:latest"], {"DATABASE_URL": url.reveal().reveal()}


PEER = Knex()
