"""watari, plain SQL files, from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.peers import Peer


class Watari(Peer):
    name = "watari"
    counts = (100, 1000)

    def install(self):
        self.program = Path(sys.executable).parent / "watari"

    def prepare(self, folder: Path, count: int):
        (folder / "migrations").mkdir()
        for n in range(count):
            (folder / f"migrations/{n:05}_t.sql").write_text(f"CREATE TABLE t{n:04} (id int);\n")

    def command(self, folder, url):
        return [str(self.program), "apply", "--yes", "-q"], {"DATABASE_URL": url.reveal().reveal()}


PEER = Watari()
