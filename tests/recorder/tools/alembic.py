"""Alembic, online: one transaction for the whole run, revisions in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.peers.alembic import PEER
from recorder.tools import Tool
from watari.project.url import DatabaseUrl

REVISION = """
revision = "r{n}"
down_revision = {down}
from alembic import op
def upgrade():
    if {n}:
        op.get_bind().exec_driver_sql("select count(*) from users")
{body}
"""


class Alembic(Tool):
    name = "Alembic"
    needs = "sh"

    def install(self) -> None:
        PEER.install()

    def prepare(self, folder: Path, migrations: Sequence[Sequence[str]]) -> None:
        PEER.prepare(folder, 0)
        for n, statements in enumerate(migrations):
            body = "".join(f"    op.execute({statement!r})\n" for statement in statements)
            down = f'"r{n - 1}"' if n else "None"
            (folder / f"migrations/versions/r{n}.py").write_text(REVISION.format(n=n, down=down, body=body))

    def command(self, folder: Path, url: DatabaseUrl) -> tuple[Sequence[str], Mapping[str, str]]:
        return PEER.command(folder, url)


TOOL = Alembic()
