"""SeaORM: Rust's sqlx, one transaction a migration; a real crate that takes its migrations from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fixtures.crates import built

from recorder.tools import Tool
from watari.project.url import DatabaseUrl


class SeaOrm(Tool):
    name = "SeaORM"
    needs = "cargo"

    def install(self) -> None:
        built("seaorm_files")

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        (folder / "statements").mkdir()
        for n, statements in enumerate(migrations):
            text = "".join(f"{statement}\n" for statement in statements)
            (folder / f"statements/m20250101_00000{n}_m.sql").write_text(text)

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        return [str(built("seaorm_files")), "up"], {"DATABASE_URL": url.reveal().reveal()}


TOOL = SeaOrm()
