"""A copy in a throw-away server of the same major version on this machine: it disturbs nobody, and keeps roles to itself.

It can hold a part of the rows, and masked ones: what is masked never leaves the source as it is.

The clone goes by the database's own name and is used by a role of the user's own name and rights, so that what the real run
may not do, the rehearsal may not do either.
"""

from __future__ import annotations

import secrets
import shutil
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
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.rehearsal.carrying import Cargo, Carriage, arrive, depart
from watari.rehearsal.clone import Clone, Way, WayClosed
from watari.rehearsal.promised import promised
from watari.rehearsal.queries import load
from watari.rehearsal.settings import Setting, give, settings_of
from watari.rehearsal.source import Source
from watari.rehearsal.standins import lay_out, stood_in
from watari.rehearsal.transfer import TransferFailed
from watari.values import replace

# the copy, the rows that the plan writes anew, and the server's log
_ROOM = 3
_SETTINGS = {
    "max_wal_size": "4GB",
    "maintenance_work_mem": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
}

_NOT_HERE = Text(en="{reason}", ja="{reason}")
_NO_ROOM = Text(
    en="{free} MB are free in {folder}, about {needed} MB are needed",
    ja="{folder} の空き容量は {free} MB です (約 {needed} MB 必要)",
)
_EXTENSIONS = Text(
    en="extension {names} cannot be installed there",
    ja="拡張機能 {names} をインストールできません",
)
_FAILED = Text(en="copying failed: {reason}", ja="複製に失敗しました: {reason}")
_OTHER_LOCALE = Text(
    en="the throw-away server does not know locale {locale}; text sorts by code point in the rehearsal",
    ja="使い捨てサーバーにロケール {locale} がないため、リハーサルでは文字コード順に並びます",
)
_STOOD_IN = Text(
    en="extension {names} is not there; functions of the same names stand in for it",
    ja="拡張機能 {names} がないため、同名の関数で代用しています",
)
_REFUSED = Text(en="settings {names} are not set in the clone", ja="設定 {names} はクローンに引き継がれていません")


class Dump(Way):
    """Schema by pg_dump, rows by COPY, into an embedded server."""

    name = "dump"
    order = 20
    bytes_a_second = 100_000_000
    start_seconds = 1.5

    def hindrance(self, source: Source) -> Message | None:
        """The programs must be there, and room for the copy."""
        try:
            binaries(major=source.major)
            if source.there:
                tool("pg_dump", at_least=source.major)
                tool("pg_restore", at_least=source.major)
        except WatariError as missing:
            return _NOT_HERE(reason=missing.message)
        folder = Path(tempfile.gettempdir())
        free, needed = shutil.disk_usage(folder).free, self.estimate(source).bytes * _ROOM + (200 << 20)
        if free < needed:
            return _NO_ROOM(folder=folder, free=free >> 20, needed=needed >> 20)
        return None

    def make(self, source: Source) -> Clone:
        """Server, roles, database, rows; a source that does not exist yet is an empty server."""
        began = time.monotonic()
        with ExitStack() as removal:
            folder = Path(tempfile.mkdtemp(prefix="watari-clone-"))
            removal.callback(shutil.rmtree, folder, ignore_errors=True)
            folder.chmod(0o711)  # the server runs as another user where this one is root
            way = removal.enter_context(ExitStack())
            carriage = way.enter_context(depart(_cargo(source))) if source.there else None
            server = removal.enter_context(_server(folder, source))
            with maintenance(source.url) as there, connect(server.url(), purpose="rehearsal") as here:
                url = _make_roles(there, here, server.url(), source)
                settings = settings_of(there, source.url.database, url.user or "", roles_too=True)
                notes = _make_database(here, source, url) if source.there else ()
            if carriage:
                notes += _fill(carriage, url, server.url(source.url.database), settings)
            way.close()
            return Clone(
                url=url,
                way=self.name,
                seconds=time.monotonic() - began,
                bytes=_size(url) if source.there else 0,
                removal=removal.pop_all(),
                notes=notes,
            )


def _server(folder: Path, source: Source) -> EmbeddedServer:
    try:
        return EmbeddedServer.start(
            folder / "server",
            settings={**_SETTINGS, **lay_out(folder / "standins", major=source.major)},
            bin_folder=binaries(major=source.major),
            scratch=folder,
        )
    except WatariError as failed:
        raise WayClosed(failed.message) from failed


def _make_roles(
    there: psycopg.Connection, here: psycopg.Connection, server: DatabaseUrl, source: Source
) -> DatabaseUrl:
    """The source's roles without their passwords; the address of the clone for a role of the user's name comes out."""
    user = there.info.user
    for name, *rights in there.execute(load("roles")).fetchall():
        words = ("superuser", "inherit", "createrole", "createdb", "bypassrls")
        chosen = sql.SQL(" ").join(sql.SQL(w if has else "no" + w) for w, has in zip(words, rights, strict=True))
        if name != server.user:
            here.execute(sql.SQL("create role {} {}").format(sql.Identifier(name), chosen))
    for group, member in there.execute(load("memberships")).fetchall():
        here.execute(sql.SQL("grant {} to {}").format(sql.Identifier(group), sql.Identifier(member)))
    own = replace(source.url, host=server.host, port=server.port, parameters={}, more_hosts=(), secret_parameters={})
    if user == server.user:
        return replace(own, user=user, password=server.password)
    password = secrets.token_hex(16)
    login = sql.SQL("alter role {} login password {}").format(sql.Identifier(user), sql.Literal(password))
    here.execute(login)
    return replace(own, user=user, password=Secret(password))


def _make_database(here: psycopg.Connection, source: Source, url: DatabaseUrl) -> tuple[Message, ...]:
    """An empty database by the source's name, with its encoding and, where it is known here, its locale."""
    missing = here.execute(load("missing_extensions"), [list(source.extensions)]).fetchall()
    if missing:
        raise WayClosed(_EXTENSIONS(names=", ".join(name for (name,) in missing)))
    notes = _stand_ins(here, source)
    if url.database == here.info.dbname:
        return notes
    make = sql.SQL("create database {} template template0 owner {} encoding {}").format(
        sql.Identifier(url.database), sql.Identifier(url.user or ""), sql.Literal(source.encoding)
    )
    known = sql.SQL("{} lc_collate {} lc_ctype {}").format(
        make, sql.Literal(source.collate), sql.Literal(source.character_type)
    )
    try:
        here.execute(known)
    except psycopg.Error:
        try:
            here.execute(make)
        except psycopg.Error as refused:
            raise WayClosed(_FAILED(reason=refused.diag.message_primary)) from refused
        return (*notes, _OTHER_LOCALE(locale=source.collate))
    return notes


def _stand_ins(here: psycopg.Connection, source: Source) -> tuple[Message, ...]:
    """What the throw-away server has only as a stand-in."""
    own = {name for (name,) in here.execute(load("stand_ins"), [sorted(stood_in() & set(source.extensions))])}
    return (_STOOD_IN(names=", ".join(sorted(own))),) if own else ()


def _cargo(source: Source) -> Cargo:
    dump, restore = (tool(name, at_least=source.major) for name in ("pg_dump", "pg_restore"))
    return Cargo(
        source=source.url, dump=dump, restore=restore, content=source.content, promises=promised(source.plan)
    )


def _fill(
    carriage: Carriage, url: DatabaseUrl, as_superuser: DatabaseUrl, settings: tuple[Setting, ...]
) -> tuple[Message, ...]:
    try:
        arrive(carriage, as_superuser)
    except TransferFailed as failed:
        raise WayClosed(_FAILED(reason=failed)) from failed
    refused = give(as_superuser, settings)
    with connect(url, purpose="rehearsal") as copy:
        copy.execute("analyze")
    return (_REFUSED(names=", ".join(refused)),) if refused else ()


def _size(url: DatabaseUrl) -> int:
    with connect(url, purpose="rehearsal") as copy:
        row = copy.execute(load("size")).fetchone()
    return int(row[0]) if row else 0
