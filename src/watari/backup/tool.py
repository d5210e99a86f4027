"""What a tool that makes backups can do; `dump.py` is the one for pg_dump.

A tool writes one archive of one snapshot, reads an archive through without a server, and loads one into a database that
was made for it. It decides nothing: where, when and whether is the business of its callers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from watari.evidence.backup import BackupContent, BackupFormat
from watari.project.url import DatabaseUrl
from watari.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Means:
    """What is at hand for one server: the tool's version ("18.6") and how it compresses ("zstd", "gzip", "none")."""

    version: str
    compression: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """One archive to be written.

    `snapshot` is an exported one that its transaction keeps open; `lock_wait` (seconds) is how long the tool may wait for
    a table before it gives way; `target` is the file (custom format) or folder (directory format) that it makes.
    """

    url: DatabaseUrl
    session: str  # the name of its sessions on the server, so that they can be told apart
    server_version: int
    content: BackupContent
    format: BackupFormat
    compression: str
    snapshot: str
    jobs: int
    lock_wait: float
    target: Path


class BackupTool(ABC):
    """One way to make logical backups."""

    name: ClassVar[str]

    @abstractmethod
    def means(self, *, server_version: int, compression: str) -> Means:
        """What this machine has for a server of that version.

        `compression` "auto" takes the best there is. Raises `ToolMissing`, `ToolTooOld`, or `BadArgument` where the
        wanted compression cannot be had.
        """

    @abstractmethod
    def write(self, order: Order, *, tick: Callable[[], None]) -> None:
        """Writes the archive; `tick` is called several times a second. Raises `TablesLocked`, `DiskFull`, `DumpFailed`."""

    @abstractmethod
    def read(self, archive: Path, *, client_version: str, encoding: str) -> Mapping[str, int]:
        """Decodes every byte of an archive, without a server: rows by qualified table.

        `client_version` is that of the tool that wrote it, `encoding` the database's. Raises `DumpFailed` where the
        archive does not decode.
        """

    @abstractmethod
    def load(
        self,
        archive: Path,
        *,
        into: DatabaseUrl,
        server_version: int,
        client_version: str | None,
        jobs: int = 1,
        section: str | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """Loads an archive into a fresh database and stops at the first error; `section` limits it to one of
        "pre-data", "data", "post-data". Raises `RestoreFailed`, `ServerDiskFull`."""
