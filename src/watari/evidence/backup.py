"""One restorable copy and how far it has been proved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum

from watari.values import dataclass, field


class BackupContent(StrEnum):
    """What a backup holds."""

    FULL = "full"
    SCHEMA = "schema"
    DATA = "data"


class BackupFormat(StrEnum):
    """How pg_dump writes it."""

    CUSTOM = "custom"
    DIRECTORY = "directory"


class VerificationLevel(IntEnum):
    """How far a backup has been verified; only RESTORED opens the backup gate."""

    EXISTS = 0
    HASHED = 1  # every file has the size and SHA-256 of the manifest
    READ = 2  # the whole archive was decoded and its rows counted
    RESTORED = 3  # restored beside, and its objects and row counts equal the manifest's


@dataclass(frozen=True, kw_only=True)
class BackupFile:
    """One file of a backup, relative to its folder."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Backup:
    """The manifest: written last, so that a backup without one does not exist.

    Row counts and LSN are those of the snapshot that the dump used, so that they can be compared exactly after a restore.
    """

    id: str  # "20261121-083015-shop-full"
    database: str
    environment: str
    content: BackupContent
    format: BackupFormat
    compression: str
    started_at: datetime
    seconds: float
    server_version: int
    client_version: str
    system_identifier: str | None = None
    lsn: str | None = None
    snapshot: str | None = None
    files: tuple[BackupFile, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)  # rows by qualified table
    schema_fingerprint: str | None = None
    extensions: tuple[str, ...] = ()
    database_settings: tuple[str, ...] = ()  # statements that a dump does not hold: owner, grants, settings
    verified: VerificationLevel = VerificationLevel.EXISTS
    verified_at: datetime | None = None
    findings: tuple[str, ...] = ()  # what verification found wrong, or could not cover
    plan_sha256: str | None = None
    folder: str = ""
    role: str = ""  # the login that dumped
    roles: tuple[str, ...] = ()  # roles that objects belong to or are granted to
    table_bytes: int = 0  # tables with their TOAST on the server, without indexes
    sequences: Mapping[str, int] = field(default_factory=dict)  # last values; a snapshot does not bind them
    large_objects: int = 0
    locale: Mapping[str, str] = field(default_factory=dict)  # encoding, collate, ctype, provider, of the database
    manifest_version: int = 1
    manifest_sha256: str | None = None  # of the manifest's own bytes

    @property
    def bytes(self) -> int:
        """Size on disk, in bytes."""
        return sum(file.bytes for file in self.files)
