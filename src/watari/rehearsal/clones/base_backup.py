"""The whole server's files into a throw-away server: byte for byte, bloat and all, where the source may be streamed from.

It goes as fast as disk and network do and needs no index build, but brings every database of the server along.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
from psycopg import sql

from watari.errors import WatariError
from watari.execution.steps.create_database import maintenance
from watari.locale import Message, Text
from watari.postgres.client_tools import tool
from watari.postgres.connection import connect
from watari.postgres.embedded import EmbeddedServer, binaries
from watari.postgres.unprivileged import Runner, runner_for
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.rehearsal.clone import Clone, Estimate, Way, WayClosed
from watari.rehearsal.masking import expressions, mask_in_place
from watari.rehearsal.queries import load
from watari.rehearsal.scratch import scratch_folder
from watari.rehearsal.source import Source
from watari.values import replace

# the copy, and the log that comes to be while it is used
_ROOM = 2
_SETTINGS = {"wal_level": "minimal", "max_wal_senders": "0", "archive_mode": "off", "max_wal_size": "4GB", "ssl": "off"}
_LOGINS = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"

_ABSENT = Text(en="the database does not exist yet", ja="データベースがまだ存在しません")
_PART = Text(
    en="it copies all rows, and a part of them was asked for",
    ja="全行を複製する方式のため、一部の行の指定には対応しません",
)
_NOT_ALLOWED = Text(
    en='user "{user}" may not stream from the server (REPLICATION is needed)',
    ja='ユーザー "{user}" にはストリーミングの権限がありません (REPLICATION 属性が必要です)',
)
_TABLESPACES = Text(en="the server has tablespaces of its own", ja="サーバーに独自のテーブルスペースがあります")
_REASON = Text(en="{reason}", ja="{reason}")
_NO_ROOM = Text(
    en="{free} MB are free in {folder}, about {needed} MB are needed",
    ja="{folder} の空き容量は {free} MB です (約 {needed} MB 必要)",
)
_FAILED = Text(en="the base backup failed: {reason}", ja="ベースバックアップに失敗しました: {reason}")


class BaseBackup(Way):
    """pg_basebackup, started beside."""

    name = "base_backup"
    order = 30
    bytes_a_second = 250_000_000
    start_seconds = 1.5

    def estimate(self, source: Source) -> Estimate:
        """All databases of the server come along."""
        size = max(source.cluster_bytes, source.bytes)
        return Estimate(seconds=self.start_seconds + size / self.bytes_a_second, bytes=size)

    def hindrance(self, source: Source) -> Message | None:
        """The user must be allowed to stream, and programs and room must be here."""
        if not source.there:
            return _ABSENT()
        if not source.content.whole:
            return _PART()
        try:
            binaries(major=source.major)
            tool("pg_basebackup", at_least=source.major)
        except WatariError as missing:
            return _REASON(reason=missing.message)
        with connect(source.url, purpose="rehearsal") as connection:
            may, simple = connection.execute(load("may_stream")).fetchone() or (False, False)
        if not may:
            return _NOT_ALLOWED(user=source.url.user or "?")
        return self._no_room(source) if simple else _TABLESPACES()

    def _no_room(self, source: Source) -> Message | None:
        folder = Path(tempfile.gettempdir())
        free, needed = shutil.disk_usage(folder).free, self.estimate(source).bytes * _ROOM + (200 << 20)
        return _NO_ROOM(folder=folder, free=free >> 20, needed=needed >> 20) if free < needed else None

    def make(self, source: Source) -> Clone:
        """Files, logins of its own, a start that replays the log, masks."""
        began = time.monotonic()
        with ExitStack() as removal:
            folder = scratch_folder(removal)
            server = removal.enter_context(_server(folder, source))
            url = _login(source, server, folder / "socket")
            with connect(url, purpose="rehearsal") as copy:
                mask_in_place(expressions(source.content.masks, copy), copy)
                size = copy.execute(load("size")).fetchone()
            return Clone(
                url=url,
                way=self.name,
                seconds=time.monotonic() - began,
                bytes=size[0] if size else 0,
                removal=removal.pop_all(),
            )


def _server(folder: Path, source: Source) -> EmbeddedServer:
    data, sockets = folder / "server" / "data", folder / "socket"
    data.parent.mkdir(mode=0o755)
    programs = binaries(major=source.major)
    runner = runner_for(data.parent, programs)
    _stream(source, data)
    _make_own(data, sockets, runner)
    settings = {**_SETTINGS, "unix_socket_directories": str(sockets)}
    try:
        return EmbeddedServer.start(data.parent, settings=settings, bin_folder=programs, scratch=folder)
    except WatariError as failed:
        raise WayClosed(failed.message) from failed


def _stream(source: Source, data: Path) -> None:
    program = tool("pg_basebackup", at_least=source.major)
    argv = [str(program.path), "-D", str(data), "-X", "stream", "-c", "fast", "--no-sync", "--no-password"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment = {**kept, **source.url.child_environment(), "PGAPPNAME": "watari rehearsal", "LC_ALL": "C"}
    done = subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise WayClosed(_FAILED(reason=said[-1] if said else f"exit status {done.returncode}"))


def _make_own(data: Path, sockets: Path, runner: Runner) -> None:
    """Nothing of the source's configuration holds here: it would archive, preload, and let its own people in."""
    for name in ("postgresql.conf", "postgresql.auto.conf", "pg_ident.conf"):
        (data / name).write_text("")
    (data / "pg_hba.conf").write_text(_LOGINS)
    sockets.mkdir(mode=0o700)
    for path in (data, sockets, *data.rglob("*")):
        runner.hand_over(path)


def _login(source: Source, server: EmbeddedServer, sockets: Path) -> DatabaseUrl:
    """The address of the clone for the source's own user, with a password drawn for it."""
    own = replace(source.url, host=str(sockets), port=server.port, password=None, parameters={}, more_hosts=())
    own = replace(own, secret_parameters={})
    password = secrets.token_hex(24)
    try:
        with maintenance(own) as connection:
            user = connection.info.user
            statement = sql.SQL("alter role {} password {}").format(sql.Identifier(user), sql.Literal(password))
            connection.execute(statement)
    except psycopg.Error as refused:
        raise WayClosed(_FAILED(reason=refused.diag.message_primary)) from refused
    return replace(own, host="127.0.0.1", user=user, password=Secret(password))
