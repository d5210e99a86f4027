"""How much room the server's disks have, as far as anybody can tell.

PostgreSQL has no function that answers it. On the server's own machine the file system does; elsewhere the policy names a
query or a number, or it stays unknown.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

import psycopg

from watari.postgres.queries import load
from watari.project.policy import Policy
from watari.values import dataclass

#: What stands for a place that only the policy's query knows of.
UNSEEN = -1


@dataclass(frozen=True, kw_only=True)
class Space:
    """One file system: `device` tells it from others, `place` is a folder on it, `free` are bytes for its users."""

    device: int
    place: str
    free: int


def free_bytes(connection: psycopg.Connection, policy: Policy) -> int | None:
    """Bytes free for the server's data; None where nobody can tell. A query of the policy that fails raises `psycopg.Error`."""
    if policy.free_space_sql:
        return _told(connection, policy.free_space_sql)
    folder = folder_here(connection)
    return policy.free_space if folder is None else space_of(folder).free


def spaces(
    connection: psycopg.Connection, policy: Policy, tablespaces: Iterable[str]
) -> tuple[Space, tuple[Space, ...]] | None:
    """Room for the log, and for files in each of `tablespaces` ("": the data directory), at this moment.

    None where nobody can tell; a number that stands in the policy is not of this moment.
    """
    if policy.free_space_sql:
        free = _told(connection, policy.free_space_sql)
        one = None if free is None else Space(device=UNSEEN, place="free_space_sql", free=free)
        return None if one is None else (one, tuple(one for _ in tablespaces))
    folder = folder_here(connection)
    if folder is None:
        return None
    with contextlib.suppress(OSError):
        return space_of(folder / "pg_wal"), tuple(space_of(Path(each) if each else folder) for each in tablespaces)
    return None


def space_of(folder: Path) -> Space:
    """The file system that a folder is on."""
    room = os.statvfs(folder)
    return Space(device=folder.stat().st_dev, place=str(folder), free=room.f_bavail * room.f_frsize)


def folder_here(connection: psycopg.Connection) -> Path | None:
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


def _told(connection: psycopg.Connection, query: str) -> int | None:
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row and row[0] is not None else None
