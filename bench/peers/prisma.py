"""Prisma's own `migrate deploy`, with the schema engine that its package ships as WebAssembly."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bench.peers import Peer, node_modules

CONFIG = Path(__file__).resolve().parents[2] / "tests/fixtures/prisma.config.ts"
SCHEMA = """
generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
  url = env("DATABASE_URL")
}
"""


class Prisma(Peer):
    name = "prisma (WebAssembly engine)"

    def install(self):
        self.modules = node_modules("prisma", "prisma@6.19.3", "@prisma/adapter-pg@6.19.3", "pg@8")
        self.engine = self.modules.parent / "dummy-engine"
        self.engine.touch(mode=0o755)

    def prepare(self, folder: Path, count: int):
        migrations = folder / "prisma/migrations"
        migrations.mkdir(parents=True)
        (folder / "node_modules").symlink_to(self.modules)
        shutil.copy(CONFIG, folder / "prisma.config.ts")
        (folder / "prisma/schema.prisma").write_text(SCHEMA)
        (migrations / "migration_lock.toml").write_text('provider = "postgresql"\n')
        for n in range(count):
            own = migrations / f"2025{n:010}_t"
            own.mkdir()
            (own / "migration.sql").write_text(f"CREATE TABLE t{n:04} (id int);\n")

    def command(self, folder, url):
        environ = {
            "DATABASE_URL": url.reveal().reveal(),
            "PRISMA_SCHEMA_ENGINE_BINARY": str(self.engine),
            "PRISMA_QUERY_ENGINE_LIBRARY": str(self.engine),
            "PRISMA_HIDE_UPDATE_MESSAGE": "1",
            "CHECKPOINT_DISABLE": "1",
            "PATH": os.environ["PATH"],
        }
        return ["node", "node_modules/.bin/prisma", "migrate", "deploy"], environ


PEER = Prisma()
