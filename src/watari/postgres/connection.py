"""Connections: an address in, an open session or the condition that stands in its way out."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from watari.errors.reach import (
    ConnectionFailed,
    ConnectionLost,
    PoolerInTheWay,
    PrivilegeMissing,
    ReachError,
    ReadOnlySession,
    ServerTooOld,
    StandbyServer,
)
from watari.postgres.poolers import direct_address, require_direct
from watari.postgres.queries import load
from watari.postgres.refusals import REFUSES_OPTIONS, refusal
from watari.project.url import DatabaseUrl

__all__ = ["OLDEST", "connect", "reach_error", "require_direct", "require_primary", "require_version", "server_version"]

#: The oldest server that watari works with, as server_version_num.
OLDEST = 140_000

_CONNECT_TIMEOUT = "10"
# a concurrent build is silent for an hour, and a network in between forgets a silent connection after minutes
_KEEPALIVES = {"keepalives_idle": "60", "keepalives_interval": "10", "keepalives_count": "6"}


def connect(
    url: DatabaseUrl, *, purpose: str, autocommit: bool = True, settings: Mapping[str, str] | None = None
) -> psycopg.Connection:
    """An open session that calls itself `watari <purpose>`.

    `settings` are server parameters (`{"lock_timeout": "50ms"}`) that hold from the first statement on; through a
    transaction pooler, where they would fall upon other sessions, they are refused. Raises a `ReachError`; the server
    is known to be 14 or later.
    """
    parameters = _parameters(url, purpose)
    try:
        connection = _open(parameters | _options(url, settings or {}), url)
    except PoolerInTheWay:
        if not settings:
            raise
        connection = _open(parameters, url)
        _set_through_pooler(connection, settings)
    try:
        require_version(connection)
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return connection


def server_version(connection: psycopg.Connection) -> int:
    """The server's version as `server_version_num`: 150020."""
    return connection.info.server_version


def require_version(connection: psycopg.Connection) -> None:
    """Returns if the server is new enough; raises `ServerTooOld`."""
    version = server_version(connection)
    if version < OLDEST:
        said = connection.info.parameter_status("server_version") or str(version // 10000)
        raise ServerTooOld(**_place(connection), version=said, needed=OLDEST // 10000)


def require_primary(connection: psycopg.Connection) -> None:
    """Returns if the session can write; raises `StandbyServer` or `ReadOnlySession`."""
    row = connection.execute(load("can_write")).fetchone()
    if not connection.autocommit:
        connection.rollback()
    in_recovery, read_only = row or (False, False)
    if in_recovery:
        raise StandbyServer(**_place(connection))
    if read_only:
        raise ReadOnlySession(**_place(connection))


def reach_error(failure: psycopg.Error, connection: psycopg.Connection) -> ReachError | None:
    """The condition behind an error in the middle of a session; None where it is none of reach but of the statement."""
    if isinstance(failure, psycopg.errors.InsufficientPrivilege):
        return PrivilegeMissing(**_place(connection), reason=str(failure).partition("\n")[0])
    if isinstance(failure, psycopg.errors.ReadOnlySqlTransaction):
        standby = connection.info.parameter_status("in_hot_standby") == "on"
        return (StandbyServer if standby else ReadOnlySession)(**_place(connection))
    gone = isinstance(failure, psycopg.errors.AdminShutdown | psycopg.errors.CrashShutdown)
    if gone or (isinstance(failure, psycopg.OperationalError) and connection.broken):
        return ConnectionLost(**_place(connection), reason=str(failure).partition("\n")[0])
    return None


def _parameters(url: DatabaseUrl, purpose: str) -> dict[str, str]:
    defaults = {"connect_timeout": _CONNECT_TIMEOUT, **_KEEPALIVES}
    # without a client encoding, a database in SQL_ASCII answers bytes instead of text
    return {**defaults, **url.conninfo(), "application_name": f"watari {purpose}", "client_encoding": "UTF8"}


def _options(url: DatabaseUrl, settings: Mapping[str, str]) -> dict[str, str]:
    if not settings:
        return {}
    given = [url.parameters["options"]] if url.parameters.get("options") else []
    return {"options": " ".join([*given, *(f"-c {name}={_escaped(value)}" for name, value in settings.items())])}


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")


def _open(parameters: Mapping[str, str], url: DatabaseUrl) -> psycopg.Connection:
    try:
        # no prepared statements: their plans break when the schema changes under them, and poolers lose them
        return psycopg.connect(**parameters, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]
    except psycopg.OperationalError as failure:
        raise refusal(failure, url) from None
    except psycopg.ProgrammingError as failure:
        reason = str(failure).partition("\n")[0]
        raise ConnectionFailed(host=url.host, port=url.port, reason=reason) from None


def _set_through_pooler(connection: psycopg.Connection, settings: Mapping[str, str]) -> None:
    """Settings one by one, for a pooler that refuses them at the start and keeps sessions."""
    place = _place(connection)
    try:
        require_direct(connection)
        for name, value in settings.items():
            connection.execute(load("set_setting"), [name, value])
    except PoolerInTheWay:
        connection.close()
        raise
    except psycopg.Error:
        direct = direct_address(connection.info.host, connection.info.port)
        connection.close()
        raise PoolerInTheWay(**place, reason=REFUSES_OPTIONS(), direct=direct) from None


def _place(connection: psycopg.Connection) -> dict[str, object]:
    info = connection.info
    try:
        return {"host": info.host, "port": info.port, "user": info.user, "database": info.dbname}
    except psycopg.OperationalError:  # a connection that is gone has forgotten where it went
        return {"host": "?", "port": "?", "user": "?", "database": "?"}
