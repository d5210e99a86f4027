"""Backups by pg_dump: custom or directory format, read through and loaded by pg_restore.

Sources: PostgreSQL documentation, pg_dump and pg_restore, 14 to 18. Compression by method name is new in 16; a build may
lack zstd, which only trying tells.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from psycopg.conninfo import make_conninfo

from watari.backup import child
from watari.backup.rows import RowCounter
from watari.backup.tool import BackupTool, Means, Order
from watari.errors.backups import DumpFailed, RestoreFailed, TablesLocked
from watari.errors.reach import DiskFull, ServerDiskFull
from watari.errors.usage import BadArgument
from watari.evidence.backup import BackupContent, BackupFormat
from watari.locale import Text
from watari.postgres.client_tools import ClientTool, tool
from watari.project.url import DatabaseUrl

_FORMATS = {BackupFormat.CUSTOM: "custom", BackupFormat.DIRECTORY: "directory"}
_CONTENTS = {BackupContent.FULL: (), BackupContent.SCHEMA: ("--schema-only",), BackupContent.DATA: ("--data-only",)}
_METHODS = 16  # since then --compress takes a method's name
_GZIP_LEVEL = 3  # measured on a shop of 1.3 million rows: level 6 takes four times as long for 4 % fewer bytes
_TRANSACTION_TIMEOUT = 17  # since then scripts and pg_restore set a parameter that older servers do not know

_LOCKED = ("canceling statement due to lock timeout", "canceling statement due to statement timeout")
_TAKEN = ("could not obtain lock on relation",)
_FULL = "No space left on device"

_RAN_FULL = Text(en="the disk ran full while dumping", ja="ダンプ中にディスクが一杯になりました")
_UNKNOWN_HOLDER = Text(en="a session that is gone already", ja="すでに終了したセッション")
_NO_ZSTD = Text(
    en="pg_dump {version} cannot compress with zstd; use auto, gzip or none",
    ja="pg_dump {version} は zstd 圧縮に対応していません。auto・gzip・none を指定してください",
)


class PgDump(BackupTool):
    """pg_dump and pg_restore, in the version that fits the server."""

    name = "pg_dump"

    def means(self, *, server_version: int, compression: str) -> Means:
        """The newest fitting pg_dump, and zstd where it has it, else gzip."""
        found = tool("pg_dump", at_least=server_version // 10_000)
        if compression == "auto":
            return Means(version=found.version, compression="zstd" if _has_zstd(found) else "gzip")
        if compression == "zstd" and not _has_zstd(found):
            raise BadArgument(reason=_NO_ZSTD(version=found.version), command="watari backup create")
        return Means(version=found.version, compression=compression)

    def write(self, order: Order, *, tick: Callable[[], None]) -> None:
        """One pg_dump on the order's snapshot."""
        found = tool("pg_dump", at_least=order.server_version // 10_000)
        try:
            child.run(_arguments(found, order), url=order.url, name=order.session, tick=tick)
        except child.ToolFailed as failed:
            raise _dump_condition(failed, order) from None

    def read(self, archive: Path, *, client_version: str, encoding: str) -> Mapping[str, int]:
        """pg_restore to a null sink: the data counted, everything else decoded too."""
        found = tool("pg_restore", at_least=_major(client_version))
        counter = RowCounter(encoding=encoding)
        base = [str(found.path), "--file=-"]
        try:
            for piece in child.read([*base, "--section=data", str(archive)], url=None, name="verify"):
                counter.feed(piece)
            for _ in child.read(
                [*base, "--section=pre-data", "--section=post-data", str(archive)], url=None, name="verify"
            ):
                pass
        except child.ToolFailed as failed:
            raise DumpFailed(tool="pg_restore", source=archive.name, reason=failed.reason) from None
        return counter.rows

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
        """pg_restore into the database, or through psql where the server is older than pg_restore can speak to."""
        server = server_version // 10_000
        found = tool("pg_restore", at_least=max(server, _major(client_version) if client_version else 0))
        sections = [f"--section={section}"] if section else []
        arguments = [str(found.path), "--exit-on-error", "--no-password", *sections]
        try:
            if found.major >= _TRANSACTION_TIMEOUT > server:
                script = child.read([str(found.path), "--file=-", *sections, str(archive)], url=None, name="restore")
                play(older_server(script), into=into, server_version=server_version)
            else:
                arguments += [f"--jobs={jobs}"] if jobs > 1 and _takes_jobs(archive) else []
                arguments += [f"--dbname={make_conninfo(dbname=into.database)}", str(archive)]
                child.run(arguments, url=into, name="restore", tick=tick)
        except child.ToolFailed as failed:
            raise load_condition(failed, archive.name, into) from None


def _takes_jobs(archive: Path) -> bool:
    """Whether pg_restore can load it with several sessions: not from a tar."""
    if archive.is_dir():
        return True
    with archive.open("rb") as file:
        return file.read(5) == b"PGDMP"


def play(script: Iterator[bytes], *, into: DatabaseUrl, server_version: int) -> None:
    """Runs a script with psql in one transaction, up to its first error; raises `child.ToolFailed`."""
    found = tool("psql", at_least=server_version // 10_000)
    arguments = [str(found.path), "-X", "--quiet", "--no-password", "--single-transaction", "-v", "ON_ERROR_STOP=1"]
    child.feed([*arguments, "--file=-"], script, url=into, name="restore")


def older_server(script: Iterator[bytes]) -> Iterator[bytes]:
    """A script for a server before 17: without the parameter that it does not know."""
    line = b"SET transaction_timeout = 0;\n"
    head = b""
    for piece in script:
        head += piece
        if len(head) >= 65_536:
            break
    # it stands in the head, before any data; further down the same bytes would be somebody's row
    yield head.replace(line, b"", 1)
    yield from script


def load_condition(failed: child.ToolFailed, source: str, into: DatabaseUrl) -> RestoreFailed | ServerDiskFull:
    """The condition behind a failed load."""
    if _FULL in failed.words:
        return ServerDiskFull(host=into.host, port=into.port, database=into.database, reason=failed.reason)
    return RestoreFailed(source=source, database=into.database, reason=failed.reason)


def _arguments(found: ClientTool, order: Order) -> list[str]:
    arguments = [str(found.path), "--no-password", f"--format={_FORMATS[order.format]}", f"--file={order.target}"]
    arguments += [f"--snapshot={order.snapshot}", f"--lock-wait-timeout={round(order.lock_wait * 1000)}"]
    arguments += [f"--compress={_compression(found.major, order.compression)}", *_CONTENTS[order.content]]
    if order.format is BackupFormat.DIRECTORY and order.jobs > 1:
        arguments.append(f"--jobs={order.jobs}")
    return arguments


def _compression(major: int, method: str) -> str:
    if major < _METHODS:
        return "0" if method == "none" else str(_GZIP_LEVEL)
    return f"gzip:{_GZIP_LEVEL}" if method == "gzip" else method


@cache
def _has_zstd(found: ClientTool) -> bool:
    """Asked of pg_dump itself, with a server that cannot be there: it looks at the compression first."""
    if found.major < _METHODS:
        return False
    arguments = [str(found.path), "--compress=zstd", "--format=custom", "--file=/dev/null", "--host=/nonexistent"]
    said = subprocess.run(
        [*arguments, "--no-password", "nothing"],
        capture_output=True,
        text=True,
        check=False,
        env=child.environment(None, "probe"),
    )
    return "compress" not in said.stderr


def _major(version: str) -> int:
    match = re.match(r"\d+", version)
    return int(match[0]) if match else 0


def _dump_condition(failed: child.ToolFailed, order: Order) -> DumpFailed | DiskFull | TablesLocked:
    if any(words in failed.words for words in (*_LOCKED, *_TAKEN)):
        return TablesLocked(seconds=f"{order.lock_wait:g}", holders=_UNKNOWN_HOLDER())
    if _FULL in failed.words:
        return DiskFull(folder=order.target.parent.parent, reason=_RAN_FULL())
    return DumpFailed(tool="pg_dump", source=order.url.database, reason=failed.reason)
