"""An empty server of our own made into the source's: its roles, the database by its own name, the rows, what the planner knows.

The clone goes by the database's own name and is used by a role of the user's own name and rights, so that what the real run
may not do, the rehearsal may not do either.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import ExitStack

import psycopg
from psycopg import sql

from watari.execution.steps.create_database import maintenance
from watari.locale import Message, Text
from watari.postgres.client_tools import tool
from watari.postgres.connection import connect
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.rehearsal.carrying import Cargo, Carriage, arrive, depart
from watari.rehearsal.clone import WayClosed
from watari.rehearsal.planner_statistics import analyse, lay, read_statistics
from watari.rehearsal.promised import promised
from watari.rehearsal.queries import load
from watari.rehearsal.rowless import MOST_BYTES, Pretence
from watari.rehearsal.settings import Setting, give, settings_of
from watari.rehearsal.source import Source
from watari.rehearsal.standins import stood_in
from watari.rehearsal.transfer import TransferFailed
from watari.values import dataclass, replace

#: What a server that nobody will miss is set to; what comes after it may be lost with the power.
SETTINGS: Mapping[str, str] = {
    "max_wal_size": "4GB",
    "maintenance_work_mem": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
}

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
_ROWLESS = Text(
    en="the clone holds no rows, but the source's planner statistics: plans are judged as there, times are not",
    ja="クローンに行はなく、プランナー統計のみを引き継いでいます（実行計画は本番同様に評価できますが、所要時間は評価できません）",
)
_CUT = Text(
    en="the largest relations look smaller than they are, so that all together look like {gigabytes} GB",
    ja="合計が {gigabytes} GB に見えるよう、最大級のリレーションは実際より小さく見せています",
)
_REFUSED = Text(en="settings {names} are not set in the clone", ja="設定 {names} はクローンに引き継がれていません")


@dataclass(frozen=True, kw_only=True)
class Furnished:
    """The address of the copy for the source's own user, its bytes, and what is to be known about it."""

    url: DatabaseUrl
    bytes: int
    notes: tuple[Message, ...] = ()
    rowless: Pretence | None = None


def settings_for(source: Source) -> dict[str, str]:
    """The settings of the server; without rows its autovacuum would count those that are not there."""
    return {**SETTINGS, **({"autovacuum": "off"} if source.content.percent == 0 else {})}


def furnish(source: Source, start: Callable[[], DatabaseUrl]) -> Furnished:
    """Everything of `source` in the server that `start` starts, given its superuser's address, while the schema is read.

    A source that does not exist yet is an empty server. Raises `WayClosed`, `MaskUnfit`, a `ReachError`.
    """
    with ExitStack() as way:
        carriage = way.enter_context(depart(_cargo(source))) if source.there else None
        server = start()
        with maintenance(source.url) as there, connect(server, purpose="rehearsal") as here:
            url = _make_roles(there, here, server, source)
            settings = settings_of(there, source.url.database, url.user or "", roles_too=True)
            notes = _make_database(here, source, url) if source.there else ()
        if carriage is None:
            return Furnished(url=url, bytes=0, notes=notes)
        inside = server.of_database(source.url.database)
        notes += _fill(carriage, inside, settings)
        rowless, more = _tell_the_planner(carriage, inside)
        return Furnished(url=url, bytes=_size(url), notes=notes + more, rowless=rowless)


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
    return Cargo(source=source.url, dump=dump, restore=restore, content=source.content, promises=promised(source.plan))


def _fill(carriage: Carriage, as_superuser: DatabaseUrl, settings: tuple[Setting, ...]) -> tuple[Message, ...]:
    try:
        arrive(carriage, as_superuser)
    except TransferFailed as failed:
        raise WayClosed(_FAILED(reason=failed)) from failed
    refused = give(as_superuser, settings)
    return (_REFUSED(names=", ".join(refused)),) if refused else ()


def _tell_the_planner(carriage: Carriage, as_superuser: DatabaseUrl) -> tuple[Pretence | None, tuple[Message, ...]]:
    """The source's statistics for a whole copy, or one without rows; a part of the rows, or other values, has its own."""
    content = carriage.cargo.content
    if content.percent > 0 and not content.plain:
        with connect(as_superuser, purpose="rehearsal") as copy:
            copy.execute("analyze")
        return None, ()
    known = read_statistics(carriage.reading)
    if content.percent == 0:
        pretence = Pretence(
            url=as_superuser, statistics=known.without_values_of({mask.column for mask in content.masks})
        )
        return pretence, (_ROWLESS(), *((_CUT(gigabytes=MOST_BYTES >> 30),) if pretence.cut else ()))
    with connect(as_superuser, purpose="rehearsal") as copy:
        lay(known, copy)
        analyse(known.to_analyse, copy)
    return None, ()


def _size(url: DatabaseUrl) -> int:
    with connect(url, purpose="rehearsal") as copy:
        row = copy.execute(load("size")).fetchone()
    return int(row[0]) if row else 0
