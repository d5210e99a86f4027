"""TLS and SCRAM on both sides, the one-time password, cancelling, large messages, and a look that fails."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from recorder.exchange import Client, query
from watari.postgres.client_tools import tool
from watari.postgres.embedded import EmbeddedServer
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder
from watari.recorder.scram import PLUS, ScramFailed
from watari.recorder.scram import Client as ScramClient
from watari.recorder.scram import Server as ScramServer

Through = Callable[..., psycopg.Connection]


@pytest.fixture(scope="module")
def tls_server(open_folder: Path) -> Iterator[tuple[DatabaseUrl, Path]]:
    """A server of another build, with TLS and a password by SCRAM, and its certificate."""
    from watari.errors.programs import NoServerPrograms
    from watari.postgres.embedded import binaries

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    try:
        programs = binaries(major=15)
    except NoServerPrograms:
        pytest.skip("a server that was built with TLS is not on this machine")
    folder = open_folder
    with EmbeddedServer.start(folder / "server", bin_folder=programs, scratch=folder) as server:
        data = server.data
        command = [openssl, "req", "-new", "-x509", "-days", "2", "-nodes", "-subj", "/CN=db", "-addext"]
        command += [
            "subjectAltName=IP:127.0.0.1",
            "-out",
            str(data / "server.crt"),
            "-keyout",
            str(data / "server.key"),
        ]
        subprocess.run(command, check=True, capture_output=True)
        for file in (data / "server.crt", data / "server.key"):
            file.chmod(0o600)
            shutil.chown(file, data.stat().st_uid, data.stat().st_gid)
        root = folder / "root.crt"
        root.write_bytes((data / "server.crt").read_bytes())
        with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
            admin.execute("alter system set ssl = on")
            (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
            admin.execute("select pg_reload_conf()")
            time.sleep(0.3)
        yield server.url(), root


def shows_tls(connection: psycopg.Connection) -> bool:
    """Whether the server's side of the session is encrypted."""
    row = connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone()
    return bool(row and row[0])


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
@pytest.mark.parametrize("binding", ["disable", "prefer", "require"])
def test_tls_and_scram_on_both_sides(tls_server: tuple[DatabaseUrl, Path], mode: str, binding: str) -> None:
    url, root = tls_server
    parameters = {"sslmode": mode} | ({} if mode == "require" else {"sslrootcert": str(root)})
    with Recorder(replace(url, parameters=parameters)) as recorder:
        conninfo = {**recorder.url.conninfo(), "channel_binding": binding}
        assert conninfo["sslmode"] == mode
        with psycopg.connect(**conninfo) as session:
            assert session.pgconn.ssl_in_use
            assert shows_tls(session)
            session.execute("create table through_tls (id int)")
            session.rollback()
        assert [each.tag for each in recorder.recording().statements][-2:] == ["CREATE TABLE", "ROLLBACK"]


def test_tls_only_towards_the_tool(database: DatabaseUrl) -> None:
    with Recorder(database, tls=True) as recorder:
        with psycopg.connect(
            **{**recorder.url.conninfo(), "sslmode": "verify-full", "channel_binding": "require"}
        ) as session:
            assert session.pgconn.ssl_in_use
            session.execute("create table t (id int)")
        assert recorder.recording().sound


def test_tls_only_towards_the_server(tls_server: tuple[DatabaseUrl, Path]) -> None:
    with Recorder(tls_server[0]) as recorder, psycopg.connect(**recorder.url.conninfo()) as session:
        assert not session.pgconn.ssl_in_use
        assert shows_tls(session)


def test_a_server_that_is_not_trusted_is_not_spoken_to(tls_server: tuple[DatabaseUrl, Path]) -> None:
    url, root = tls_server
    with Recorder(replace(url, parameters={"sslmode": "verify-full", "sslrootcert": str(root)})) as recorder:
        assert recorder.certificate is not None
        wrong = recorder.url.conninfo() | {"sslrootcert": str(root)}  # the server's certificate is not the door's
        with pytest.raises(psycopg.OperationalError, match="certificate"):
            psycopg.connect(**wrong)


def test_nobody_comes_in_without_the_one_time_password(recorder: Recorder) -> None:
    for password in ("", "guessed"):
        with pytest.raises(psycopg.OperationalError, match=r"one-time password|no password"):
            psycopg.connect(**{**recorder.url.conninfo(), "password": password})
    assert recorder.recording().connections == 0


def test_the_servers_own_refusal_reaches_the_tool(recorder: Recorder) -> None:
    with pytest.raises(psycopg.OperationalError, match='database "nowhere" does not exist'):
        psycopg.connect(**{**recorder.url.conninfo(), "dbname": "nowhere"})


def test_a_wrong_signature_of_the_server_is_found_out() -> None:
    server = ScramServer("secret", binding=b"x" * 32)
    client = ScramClient("secret", binding=b"x" * 32)
    final = server.final(client.final(server.first(PLUS, client.first())))
    client.check(final)
    with pytest.raises(ScramFailed, match="does not know the password"):
        client.check(b"v=" + b"A" * 43 + b"=")


@pytest.mark.parametrize(("password", "binding"), [("wrong", b"x" * 32), ("secret", b"y" * 32)])
def test_a_wrong_password_and_another_channel_are_refused(password: str, binding: bytes) -> None:
    server = ScramServer("secret", binding=b"x" * 32)
    client = ScramClient(password, binding=binding)
    with pytest.raises(ScramFailed):
        server.final(client.final(server.first(PLUS, client.first())))


def test_a_request_to_cancel_reaches_the_statement(recorder: Recorder, through: Through) -> None:
    session = through(autocommit=True)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(session.execute, "select pg_sleep(60)")
        time.sleep(0.3)
        session.cancel_safe()
        with pytest.raises(psycopg.errors.QueryCanceled):
            running.result(timeout=30)
    session.execute("create table afterwards (id int)")


def test_the_kill_switch_cancels_whatever_runs(recorder: Recorder, through: Through) -> None:
    sessions = [through(autocommit=True) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(session.execute, "select pg_sleep(60)") for session in sessions]
        time.sleep(0.5)
        assert recorder.cancel() == 3
        for each in running:
            with pytest.raises(psycopg.errors.QueryCanceled):
                each.result(timeout=30)


def test_large_messages_pass_unharmed_both_ways(recorder: Recorder, through: Through) -> None:
    with through() as session:
        session.execute("create table large (t text)")
        text = "渡" * 3_000_000
        session.execute("insert into large values (%s)", [text])
        assert session.execute("select t from large").fetchone() == (text,)
        cursor = session.cursor()
        with cursor.copy("copy large from stdin") as copy:
            for number in range(200_000):
                copy.write_row([f"row {number}"])
        with cursor.copy("copy large to stdout") as copy:
            rows = sum(1 for _ in copy.rows())
        assert rows == 200_001
    assert recorder.recording().sound


def test_a_message_beyond_what_is_kept_passes_in_pieces(
    recorder: Recorder, through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watari.recorder.stream.LONGEST", 100_000)
    with Client(url=recorder.url) as client:
        client.talk(query("create table large (t text)"), "Z")
        got = client.talk(query("insert into large values ('" + "x" * 300_000 + "') returning length(t)"), "Z")
        assert got[1] == ("D", b"\0\1\0\0\0\x06300000")
        client.talk(query("create table after (id int)"), "Z")
    with through() as session:
        session.execute("insert into large values (%s)", ["y" * 400_000])
        assert session.execute("select sum(length(t)) from large").fetchone() == (700_000,)
    recording = recorder.recording()
    assert recording.sound
    assert {"CREATE TABLE", "INSERT 0 1", "SELECT 1"} <= {each.tag for each in recording.statements}


def test_a_look_that_fails_voids_the_recording(recorder: Recorder, through: Through) -> None:
    with through(autocommit=True) as session:
        session.execute("create table t (id int)")
        # nobody can tell from these words that the session's statements are thrown away
        session.execute(
            "create function loses() returns void language plpgsql as $$ begin execute 'deal' || 'locate all'; end $$"
        )
        session.execute("select loses()")
        with pytest.raises(psycopg.Error):
            session.execute("create table u (id int)")
        session.execute("create table v (id int)")
    recording = recorder.recording()
    assert not recording.sound
    assert '"_watari" does not exist' in recording.void[0]


def test_a_session_that_the_recorder_cannot_follow_is_closed_and_the_others_go_on(
    recorder: Recorder, through: Through, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watari.recorder.session import Session

    other = through(autocommit=True)

    def fall(session: Session, sql: bytes, *rest: object) -> bool:
        raise KeyError("something nobody thought of")

    with monkeypatch.context() as patch:
        patch.setattr(Session, "_looked_at", fall)
        with through(autocommit=True) as session, pytest.raises(psycopg.OperationalError):
            session.execute("create table t (id int)")
    other.execute("create table u (id int)")
    recording = recorder.recording()
    assert "something nobody thought of" in recording.void[0]
    assert [each.tag for each in recording.statements] == ["CREATE TABLE"]


def test_another_database_of_the_server_may_be_visited_made_and_dropped(recorder: Recorder, through: Through) -> None:
    other = f"{recorder.url.database}_shadow"
    with through(autocommit=True) as session:
        session.execute(f"create database {other}")
        with psycopg.connect(**{**recorder.url.conninfo(), "dbname": other}, autocommit=True) as shadow:
            shadow.execute("create table inside (id int)")
        session.execute(f"drop database {other}")
    databases = {each.database for each in recorder.recording().statements}
    assert databases == {recorder.url.database, other}


def test_psql_works_through_the_door_and_ends_as_without_it(
    recorder: Recorder, database: DatabaseUrl, script: Callable[[str], Path]
) -> None:
    psql = tool("psql", at_least=14)
    file = script("\\set ON_ERROR_STOP 1\nbegin;\nselect 1;\ncreate table t (id int);\nselct 2;\n")
    command = [str(psql.path), "-X", "-v", "VERBOSITY=verbose", "-f", str(file)]

    def run(url: DatabaseUrl) -> tuple[int, bytes, bytes]:
        done = subprocess.run(command, env=url.child_environment(), capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert run(recorder.url) == run(database)


def test_an_address_never_shows_the_password(recorder: Recorder) -> None:
    secret = recorder.url.password
    assert isinstance(secret, Secret)
    assert secret.reveal() not in f"{recorder.url} {recorder.url!r} {recorder!r}"
