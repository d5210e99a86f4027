"""psql, one process, one `-f` a file, no history: the floor."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Peer


class Psql(Peer):
    name = "psql (no history)"
    counts = (100, 1000)

    def install(self):
        from watari.postgres.client_tools import tool

        self.path = tool("psql", at_least=14).path

    def prepare(self, folder: Path, count: int):
        for n in range(count):
            (folder / f"{n:04}.sql").write_text(f"CREATE TABLE t{n:04} (id int);\n")

    def command(self, folder, url):
        files = [argument for file in sorted(folder.glob("*.sql")) for argument in ("-f", file.name)]
        return [str(self.path), "-X", "-q", "-v", "ON_ERROR_STOP=1", *files], url.child_environment()


PEER = Psql()
