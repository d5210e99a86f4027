"""How much room the server's disk has, as far as anybody can tell.

PostgreSQL has no function that answers it. On the server's own machine the file system does; elsewhere the policy names a
query or a number, or it stays unknown.
"""

from __future__ import annotations

import os
from pathlib import Path

import psycopg

from watari.postgres.queries import load
from watari.project.policy import Policy


def free_bytes(connection: psycopg.Connection, policy: Policy) -> int | None:
    """Bytes free for the server's data; None where nobody can tell. A query of the policy that fails raises `psycopg.Error`."""
    if policy.free_space_sql:
        row = connection.execute(policy.free_space_sql.encode()).fetchone()
        return int(row[0]) if row and row[0] is not None else None
    folder = _folder_here(connection)
    if folder is None:
        return policy.free_space
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize


def _folder_here(connection: psycopg.Connection) -> Path | None:
    """The server's data directory, where it is one of this machine and certainly that server's."""
    row = connection.execute(load("data_directory")).fetchone()
    if row is None or not row[0] or not row[1]:
        return None
    folder, port = Path(row[0]), row[2]
    try:
        # a container that forwards the port has a folder of the same name somewhere else
        told = (folder / "postmaster.pid").read_text().splitlines()
        return folder if int(told[3]) == port else None
    except (OSError, ValueError, IndexError):
        return None
