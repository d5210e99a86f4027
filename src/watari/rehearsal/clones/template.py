"""A copy on the same server by the server itself: fast, exact, and only where nobody else is in the database.

Measured on 2.25 GB: 1 to 3.5 s by copying files (two checkpoints), 10 to 16 s through the log. While it is copied, nobody can
connect to the source.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg
from psycopg import sql

from watari.errors import ReachError
from watari.execution.steps.create_database import maintenance
from watari.locale import Message, Text
from watari.postgres.connection import connect, require_primary
from watari.rehearsal.clone import Clone, Way, WayClosed
from watari.rehearsal.clone_databases import clone_name, mark, remove, remove_leftovers
from watari.rehearsal.masking import expressions, mask_in_place
from watari.rehearsal.outside import outside
from watari.rehearsal.queries import load
from watari.rehearsal.settings import give, settings_of
from watari.rehearsal.source import Source

# below, the log is cheaper than the two checkpoints of a copy of files
_SMALL = 256 << 20

_ABSENT = Text(en="the database does not exist yet", ja="データベースがまだ存在しません")
_PART = Text(
    en="it copies all rows, and a part of them was asked for",
    ja="全行を複製する方式のため、一部の行の指定には対応しません",
)
_OUTSIDE = Text(
    en="step {step} changes what all databases of the server share",
    ja="ステップ {step} はサーバー全体で共有されるものを変更します",
)
_NOT_ALLOWED = Text(
    en='user "{user}" may not copy it (CREATEDB and ownership are needed)',
    ja='ユーザー "{user}" には複製する権限がありません (CREATEDB 属性と所有権が必要です)',
)
_OTHERS = Text(
    en="{count} other sessions are in it, the first: pid {pid}, user {user}, application {application}",
    ja="他に {count} セッションが接続中です (例: pid {pid}、ユーザー {user}、アプリケーション {application})",
)
_REFUSED = Text(en="the server refused: {reason}", ja="サーバーに拒否されました: {reason}")


class Template(Way):
    """`CREATE DATABASE … TEMPLATE`."""

    name = "template"
    order = 10
    bytes_a_second = 900_000_000
    start_seconds = 0.3

    def clean(self, source: Source, left: Sequence[Path]) -> None:
        """Drops the databases of killed rehearsals."""
        with maintenance(source.url) as connection:
            remove_leftovers(connection)

    def hindrance(self, source: Source) -> Message | None:
        """The server must take a new database, nobody else may be in this one, and the plan must keep to it."""
        if not source.there:
            return _ABSENT()
        if not source.content.whole:
            return _PART()
        if reaching := outside(source.plan):
            return _OUTSIDE(step=reaching[0].id)
        with maintenance(source.url) as connection:
            try:
                require_primary(connection)
            except ReachError as condition:
                return condition.message
            may = connection.execute(load("may_copy"), [source.url.database]).fetchone()
            if not may or not may[0]:
                return _NOT_ALLOWED(user=connection.info.user)
            others = connection.execute(load("others"), [source.url.database]).fetchall()
        if others:
            pid, user, application = others[0]
            return _OTHERS(count=len(others), pid=pid, user=user or "?", application=application or "?")
        return None

    def make(self, source: Source) -> Clone:
        """The copy, dated, marked as a clone, and held by a lock that a killed rehearsal lets go of."""
        began = time.monotonic()
        with ExitStack() as removal:
            connection = removal.enter_context(maintenance(source.url))
            name = clone_name(source.url.database)
            connection.execute("set idle_session_timeout = 0")  # it holds the lock for as long as the clone is used
            connection.execute(load("hold_clone"), [name])
            # before it is made: an interrupted copy is dropped too
            removal.callback(remove, source.url, name)
            _copy(connection, source, name)
            url = source.url.of_database(name)
            _open(connection, name)
            give(url, settings_of(connection, source.url.database, connection.info.user, roles_too=False))
            with connect(url, purpose="rehearsal") as copy:
                mask_in_place(expressions(source.content.masks, copy), copy)
                size = copy.execute(load("size")).fetchone()
            seconds = time.monotonic() - began
            return Clone(
                url=url, way=self.name, seconds=seconds, bytes=size[0] if size else 0, removal=removal.pop_all()
            )


def _copy(connection: psycopg.Connection, source: Source, name: str) -> None:
    # nobody but a superuser may enter before it is masked and belongs to this user alone
    statement = sql.SQL("create database {} template {} connection limit 0").format(
        sql.Identifier(name), sql.Identifier(source.url.database)
    )
    by_files = source.major >= 15 and source.bytes >= _SMALL
    if source.major >= 15:
        statement += sql.SQL(" strategy {}").format(sql.Identifier("file_copy" if by_files else "wal_log"))
    try:
        if not (by_files and source.major >= 18 and _cloned(connection, statement)):
            connection.execute(statement)
        mark(connection, name, source.url.database)
    except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege, psycopg.errors.DiskFull) as refused:
        raise WayClosed(_REFUSED(reason=refused.diag.message_primary)) from refused


def _cloned(connection: psycopg.Connection, statement: sql.Composed) -> bool:
    """Whether the file system could share the blocks of both (PostgreSQL 18: `file_copy_method`); nothing is left if not."""
    try:
        connection.execute("set file_copy_method = clone")
        connection.execute(statement)
    except (
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.InternalError_,
        psycopg.errors.InvalidParameterValue,
        psycopg.errors.IoError,
    ):
        return False
    finally:
        connection.execute("reset file_copy_method")
    return True


def _open(connection: psycopg.Connection, name: str) -> None:
    """Lets this user in, and with him nobody who was not granted it."""
    database = sql.Identifier(name)
    connection.execute(sql.SQL("revoke connect, temporary on database {} from public").format(database))
    connection.execute(sql.SQL("grant connect, temporary on database {} to current_user").format(database))
    connection.execute(sql.SQL("alter database {} connection limit -1").format(database))
