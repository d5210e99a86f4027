"""Alembic: one transaction for the whole run."""

from __future__ import annotations

from pathlib import Path

from bench.peers import Peer, python_environment

ENV = """
import os
from alembic import context
from sqlalchemy import create_engine
with create_engine(os.environ["ALCHEMY_URL"]).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """
revision = "r{n:04}"
down_revision = {down}
from alembic import op
import sqlalchemy as sa
def upgrade():
    op.create_table("t{n:04}", sa.Column("id", sa.Integer))
def downgrade():
    op.drop_table("t{n:04}")
"""


class Alembic(Peer):
    name = "alembic"

    def install(self):
        self.bin = python_environment("alembic", "alembic", "psycopg[binary]")

    def prepare(self, folder: Path, count: int):
        versions = folder / "migrations/versions"
        versions.mkdir(parents=True)
        (folder / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
        (folder / "migrations/env.py").write_text(ENV)
        (folder / "migrations/script.py.mako").write_text("")
        for n in range(count):
            down = f'"r{n - 1:04}"' if n else "None"
            (versions / f"r{n:04}.py").write_text(REVISION.format(n=n, down=down))

    def command(self, folder, url):
        address = url.reveal(scheme="postgresql+psycopg").reveal()
        return [str(self.bin / "alembic"), "upgrade", "head"], {"ALCHEMY_URL": address}


PEER = Alembic()
