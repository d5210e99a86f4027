"""A copy on the staging server, in a database of its own beside those that are there: where nothing else is open, or asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg
from psycopg import sql

from watari.errors import ReachError, WatariError
from watari.execution.steps.create_database import maintenance
from watari.locale import Message, Text
from watari.postgres.client_tools import tool
from watari.postgres.connection import connect, require_primary, server_version
from watari.project.url import DatabaseUrl
from watari.rehearsal.carrying import Cargo, arrive, depart
from watari.rehearsal.clone import Clone, Way, WayClosed
from watari.rehearsal.clone_databases import clone_name, mark, remove, remove_leftovers
from watari.rehearsal.outside import outside
from watari.rehearsal.promised import promised
from watari.rehearsal.queries import load
from watari.rehearsal.source import Source
from watari.rehearsal.transfer import TransferFailed

_NONE = Text(
    en="no staging server is known (STAGING_DATABASE_URL, or an environment named staging)",
    ja="ステージングサーバーが設定されていません（STAGING_DATABASE_URL、または staging 環境）",
)
_ABSENT = Text(en="the database does not exist yet", ja="データベースがまだ存在しません")
_OUTSIDE = Text(
    en="step {step} changes what all databases of a server share",
    ja="ステップ {step} はサーバー全体で共有されるものを変更します",
)
_REASON = Text(en="{reason}", ja="{reason}")
_EXTENSIONS = Text(en="extension {names} cannot be installed there", ja="拡張機能 {names} をインストールできません")
_FAILED = Text(en="copying failed: {reason}", ja="複製に失敗しました: {reason}")
_OTHER_MAJOR = Text(
    en="the staging server is PostgreSQL {there}, production {here}: locks and rewrites may differ",
    ja="ステージングは PostgreSQL {there}、本番は {here} です。ロックや書き換えの挙動が異なる場合があります",
)
_OWNERS = Text(
    en="everything in the clone belongs to user {user}: owners and grants were not copied",
    ja="クローン内のオブジェクトはすべて {user} の所有です（所有者と権限はコピーしていません）",
)


class Staging(Way):
    """The runbooks' `STAGING_DATABASE_URL`: the server is used, its own databases are left alone."""

    name = "staging"
    order = 40
    bytes_a_second = 80_000_000
    start_seconds = 1.0

    def clean(self, source: Source, left: Sequence[Path]) -> None:
        """Drops the databases of killed rehearsals."""
        if source.elsewhere.staging is None:
            return
        with maintenance(source.elsewhere.staging) as connection:
            remove_leftovers(connection)

    def hindrance(self, source: Source) -> Message | None:
        """The server must be known, answer, and take a new database."""
        if source.elsewhere.staging is None:
            return _NONE()
        if not source.there:
            return _ABSENT()
        if reaching := outside(source.plan):
            return _OUTSIDE(step=reaching[0].id)
        try:
            for name in ("pg_dump", "pg_restore"):
                tool(name, at_least=source.major)
            with maintenance(source.elsewhere.staging) as connection:
                require_primary(connection)
                return _missing(connection, source)
        except WatariError as closed:
            return closed.message if isinstance(closed, ReachError) else _REASON(reason=closed.message)

    def make(self, source: Source) -> Clone:
        """A dated database, filled by schema dump and parallel COPY."""
        began = time.monotonic()
        assert source.elsewhere.staging is not None
        with ExitStack() as removal:
            connection = removal.enter_context(maintenance(source.elsewhere.staging))
            name = clone_name(source.url.database)
            connection.execute("set idle_session_timeout = 0")
            connection.execute(load("hold_clone"), [name])
            removal.callback(remove, source.elsewhere.staging, name)
            url = source.elsewhere.staging.of_database(name)
            _make(connection, source, name)
            _fill(source, url)
            with connect(url, purpose="rehearsal") as copy:
                copy.execute("analyze")
                size = copy.execute(load("size")).fetchone()
                version = server_version(copy)
            return Clone(
                url=url,
                way=self.name,
                seconds=time.monotonic() - began,
                bytes=size[0] if size else 0,
                removal=removal.pop_all(),
                notes=_notes(source, version, url),
            )


def _missing(connection: psycopg.Connection, source: Source) -> Message | None:
    missing = connection.execute(load("missing_extensions"), [list(source.extensions)]).fetchall()
    return _EXTENSIONS(names=", ".join(name for (name,) in missing)) if missing else None


def _make(connection: psycopg.Connection, source: Source, name: str) -> None:
    make = sql.SQL("create database {} template template0 encoding {} connection limit 0")
    try:
        connection.execute(make.format(sql.Identifier(name), sql.Literal(source.encoding)))
        mark(connection, name, source.url.database)
        database = sql.Identifier(name)
        connection.execute(sql.SQL("revoke connect, temporary on database {} from public").format(database))
        connection.execute(sql.SQL("alter database {} connection limit -1").format(database))
    except psycopg.Error as refused:
        raise WayClosed(_FAILED(reason=refused.diag.message_primary)) from refused


def _fill(source: Source, url: DatabaseUrl) -> None:
    dump, restore = (tool(name, at_least=source.major) for name in ("pg_dump", "pg_restore"))
    cargo = Cargo(
        source=source.url,
        dump=dump,
        restore=restore,
        content=source.content,
        promises=promised(source.plan),
        owners=False,
    )
    try:
        with depart(cargo) as carriage:
            arrive(carriage, url)
    except TransferFailed as failed:
        raise WayClosed(_FAILED(reason=failed)) from failed


def _notes(source: Source, version: int, url: DatabaseUrl) -> tuple[Message, ...]:
    notes = [_OWNERS(user=url.user or "?")]
    if version // 10000 != source.major:
        notes.append(_OTHER_MAJOR(there=version // 10000, here=source.major))
    return tuple(notes)
