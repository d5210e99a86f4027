"""An address in; a session, or the condition in its way, out."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from fixtures.wire import greeting, refusal, server_saying

from watari.errors import ReachError
from watari.errors.reach import (
    ClientNotAllowed,
    ConnectionFailed,
    ConnectionLost,
    DatabaseClosed,
    DatabaseMissing,
    PasswordMissing,
    PrivilegeMissing,
    ReadOnlySession,
    RoleMissing,
    ServerNotReady,
    ServerTooOld,
    ServerUnreachable,
    StandbyServer,
    TlsRefused,
    TooManyConnections,
    WrongPassword,
)
from watari.locale import Language
from watari.postgres.connection import connect, reach_error, require_direct, require_primary, server_version
from watari.postgres.embedded import EmbeddedServer, free_port
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl


def told(error: ReachError) -> str:
    """Everything that a face would show."""
    parts = [error.message, error.advice]
    return (
        "\n".join(part.render(language) for part in parts if part for language in Language) + repr(error) + str(error)
    )


def test_a_session_says_who_it_is_and_for_what(database: DatabaseUrl) -> None:
    with connect(database, purpose="status") as session:
        assert session.execute("show application_name").fetchone() == ("watari status",)
        assert session.autocommit
        assert server_version(session) >= 140_000


def test_settings_hold_from_the_first_statement_on(database: DatabaseUrl) -> None:
    settings = {"lock_timeout": "50ms", "search_path": '"a b", public'}
    with connect(database, purpose="apply", settings=settings, autocommit=False) as session:
        row = session.execute("select current_setting('lock_timeout'), current_setting('search_path')").fetchone()
        assert row == ("50ms", '"a b", public')
        assert not session.autocommit


def test_settings_add_to_the_options_of_the_address(database: DatabaseUrl) -> None:
    url = replace(database, parameters={"options": "-c work_mem=8MB"})
    with connect(url, purpose="apply", settings={"lock_timeout": "1s"}) as session:
        row = session.execute("select current_setting('lock_timeout'), current_setting('work_mem')").fetchone()
        assert row == ("1s", "8MB")


def test_the_address_decides_how_long_to_wait(database: DatabaseUrl) -> None:
    with connect(database, purpose="x") as session:
        assert session.info.get_parameters()["connect_timeout"] == "10"
    with connect(replace(database, parameters={"connect_timeout": "3"}), purpose="x") as session:
        assert session.info.get_parameters()["connect_timeout"] == "3"


def test_text_of_a_database_without_encoding_is_text(server: EmbeddedServer) -> None:
    with connect(server.url(), purpose="x") as admin:
        admin.execute("create database ascii encoding 'SQL_ASCII' template template0")
    with connect(server.url("ascii"), purpose="x") as session:
        assert session.execute("select 'a'::text").fetchone() == ("a",)
    with connect(server.url(), purpose="x") as admin:
        admin.execute("drop database ascii")


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ({"user": "app", "password": Secret("wrong-one")}, WrongPassword),
        ({"user": "app"}, PasswordMissing),
        ({"user": "stranger", "password": Secret("x")}, ClientNotAllowed),
        ({"user": "nologin_role", "password": Secret("x")}, PrivilegeMissing),
        ({"user": "crowded", "password": Secret("x")}, TooManyConnections),
        ({"user": "nobody_at_all", "password": Secret("x")}, WrongPassword),  # the server does not tell which
        ({"database": "no such database"}, DatabaseMissing),
        ({"database": "fenced"}, DatabaseClosed),
        ({"user": "app", "password": Secret("right-one"), "database": "private"}, PrivilegeMissing),
        ({"parameters": {"sslmode": "require"}}, TlsRefused),
        ({"parameters": {"sslmode": "verify-full"}}, TlsRefused),
        ({"host": "no.such.host.invalid"}, ServerUnreachable),
        ({"host": "/no/such/socket"}, ServerUnreachable),
        ({"parameters": {"sslmode": "nonsense"}}, ConnectionFailed),
        ({"parameters": {"options": "-c lock_timeout=soon"}}, ConnectionFailed),
        ({"parameters": {"no_such_parameter": "1"}}, ConnectionFailed),
    ],
)
def test_a_refusal_has_its_condition(
    strict_server: EmbeddedServer, change: dict[str, object], condition: type[ReachError]
) -> None:
    with pytest.raises(ReachError) as caught:
        connect(replace(strict_server.url(), **change), purpose="x")  # type: ignore[arg-type]
    assert type(caught.value) is condition
    assert "wrong-one" not in told(caught.value) and "right-one" not in told(caught.value)
    assert caught.value.advice is not None


def test_the_right_password_opens(strict_server: EmbeddedServer) -> None:
    url = replace(strict_server.url(), user="app", password=Secret("right-one"))
    with connect(url, purpose="x") as session:
        assert session.execute("select current_user").fetchone() == ("app",)


def test_a_user_that_does_not_exist_is_named(server: EmbeddedServer) -> None:
    with pytest.raises(RoleMissing, match='user "ghost" does not exist'):
        connect(replace(server.url(), user="ghost"), purpose="x")


def test_a_dead_port_is_unreachable() -> None:
    url = DatabaseUrl(host="127.0.0.1", port=free_port(), user="postgres", database="postgres")
    with pytest.raises(ServerUnreachable, match="Connection refused"):
        connect(url, purpose="x")


def test_a_silent_server_is_given_up() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = DatabaseUrl(host="127.0.0.1", port=deaf.getsockname()[1], parameters={"connect_timeout": "2"})
        with pytest.raises(ServerUnreachable, match="timeout"):
            connect(url, purpose="x")


def test_a_full_server_says_so(strict_server: EmbeddedServer) -> None:
    url = replace(strict_server.url(), user="app", password=Secret("right-one"))
    held = []
    with pytest.raises(TooManyConnections):
        for _ in range(12):
            held.append(psycopg.connect(**url.conninfo()))
            if len(held) == 7:
                connect(url, purpose="x")
    for session in held:
        session.close()


def test_a_standby_is_refused_where_writing_is_meant(standby: EmbeddedServer) -> None:
    with connect(standby.url(), purpose="status") as session, pytest.raises(StandbyServer):
        require_primary(session)


def test_a_primary_passes_and_a_read_only_login_does_not(database: DatabaseUrl) -> None:
    with connect(database, purpose="x") as session:
        require_primary(session)
    readonly = replace(database, parameters={"options": "-c default_transaction_read_only=on"})
    with connect(readonly, purpose="x") as session, pytest.raises(ReadOnlySession):
        require_primary(session)


def test_a_server_before_14_is_refused() -> None:
    # no such server can be started from packages, so its greeting is sent by hand
    with (
        server_saying(greeting("13.23")) as port,
        pytest.raises(ServerTooOld, match=r"PostgreSQL 13.23, older than 14"),
    ):
        connect(DatabaseUrl(host="127.0.0.1", port=port, user="u", database="d"), purpose="x")


@pytest.mark.parametrize(
    ("sqlstate", "words", "condition"),
    [
        ("28P01", 'ユーザー"u"のパスワード認証に失敗しました', WrongPassword),
        ("3D000", 'データベース"d"は存在しません', DatabaseMissing),
        ("28000", 'ロール"u"は存在しません', RoleMissing),
        ("53300", "現在クライアント数が多すぎます", TooManyConnections),
        ("57P03", "データベースシステムは起動処理中です", ServerNotReady),
        ("42501", 'データベース"d"へのアクセスが拒否されました', PrivilegeMissing),
        ("55000", '現在データベース"d"は接続を受け付けません', DatabaseClosed),
        ("57P03", "the database system is starting up", ServerNotReady),
        ("08P01", "no such database: d", DatabaseMissing),
    ],
)
def test_a_server_that_speaks_japanese_is_understood(sqlstate: str, words: str, condition: type[ReachError]) -> None:
    # its messages come from a locale that the test's machine need not have
    url = DatabaseUrl(host="127.0.0.1", user="u", database="d", parameters={"sslmode": "disable"})
    with server_saying(refusal(sqlstate, words)) as port, pytest.raises(condition):
        connect(replace(url, port=port), purpose="x")


def test_a_session_that_was_ended_is_a_lost_connection(database: DatabaseUrl) -> None:
    with connect(database, purpose="x") as victim, connect(database, purpose="y") as other:
        other.execute("select pg_terminate_backend(%s)", [victim.info.backend_pid])
        with pytest.raises(psycopg.OperationalError) as caught:
            for _ in range(50):
                victim.execute("select pg_sleep(0.02)")
        assert isinstance(reach_error(caught.value, victim), ConnectionLost)


def test_a_missing_privilege_in_the_middle_is_told_and_an_error_of_the_statement_is_not(
    database: DatabaseUrl, strict_server: EmbeddedServer
) -> None:
    with connect(strict_server.url(), purpose="x") as session:
        session.execute("set role app")
        with pytest.raises(psycopg.Error) as caught:
            session.execute("select * from pg_authid")
        assert isinstance(reach_error(caught.value, session), PrivilegeMissing)
        with pytest.raises(psycopg.Error) as caught:
            session.execute("select * from missing")
        assert reach_error(caught.value, session) is None


def test_a_direct_session_is_direct(database: DatabaseUrl) -> None:
    with connect(database, purpose="x") as session:
        require_direct(session)
        session.autocommit = False
        require_direct(session)
        assert session.info.transaction_status is psycopg.pq.TransactionStatus.IDLE


@pytest.fixture(scope="module")
def tls_server(server_15: EmbeddedServer, scratch: Path) -> Iterator[tuple[DatabaseUrl, Path]]:
    """The 15 server with TLS on, its certificate, and no way in without encryption."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    data = scratch / "server15" / "data"
    command = [openssl, "req", "-new", "-x509", "-days", "2", "-nodes", "-text", "-subj", "/CN=db.example.test"]
    files = ["-out", str(data / "server.crt"), "-keyout", str(data / "server.key")]
    subprocess.run([*command, *files], check=True, capture_output=True)
    for file in (data / "server.crt", data / "server.key"):
        file.chmod(0o600)
        shutil.chown(file, data.stat().st_uid, data.stat().st_gid)
    certificate = scratch / "root.crt"
    certificate.write_bytes((data / "server.crt").read_bytes())
    hba = data / "pg_hba.conf"
    before = hba.read_text()
    with psycopg.connect(**server_15.url().conninfo(), autocommit=True) as admin:
        admin.execute("alter system set ssl = on")
        hba.write_text("hostssl all all 127.0.0.1/32 trust\n")
        admin.execute("select pg_reload_conf()")
        for _ in range(100):
            if admin.execute("select current_setting('ssl')").fetchone() == ("on",):
                break
            admin.execute("select pg_sleep(0.05)")
    yield server_15.url(), certificate
    hba.write_text(before)
    with psycopg.connect(**server_15.url().conninfo(), autocommit=True) as admin:
        admin.execute("alter system set ssl = off")
        admin.execute("select pg_reload_conf()")


def test_tls_is_refused_for_its_reason(tls_server: tuple[DatabaseUrl, Path]) -> None:
    url, certificate = tls_server
    with connect(replace(url, parameters={"sslmode": "require"}), purpose="x") as session:
        assert session.pgconn.ssl_in_use
    trusted = {"sslmode": "verify-ca", "sslrootcert": str(certificate)}
    connect(replace(url, parameters=trusted), purpose="x").close()
    wrong_host = replace(url, parameters={**trusted, "sslmode": "verify-full"})
    with pytest.raises(TlsRefused, match="not trusted"):
        connect(wrong_host, purpose="x")
    missing = replace(url, parameters={"sslmode": "verify-ca", "sslrootcert": "/no/such/root.crt"})
    with pytest.raises(TlsRefused, match="not trusted"):
        connect(missing, purpose="x")
    with pytest.raises(TlsRefused, match="sslmode=require"):
        connect(replace(url, parameters={"sslmode": "disable"}), purpose="x")
