"""The same files as most tools apply them: one after the other, each as it is written, each in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psycopg import sql

from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl

__all__ = ["apply_as_written"]


def apply_as_written(url: DatabaseUrl, files: Sequence[Path]) -> None:
    """Sends each file whole, waiting for locks for as long as it takes."""
    with connect(url, purpose="as written") as session:
        for file in files:
            with session.transaction():
                session.execute(sql.SQL(file.read_text(encoding="utf-8")))
