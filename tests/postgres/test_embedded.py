"""The throw-away server: who runs it, who reaches it, and what is left of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from watari.errors.programs import EmbeddedServerFailed, NoFreePort, NoServerPrograms
from watari.postgres import embedded, unprivileged
from watari.postgres.embedded import EmbeddedServer, binaries
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root must hand the server to somebody else")


@pytest.fixture
def place() -> Iterator[Path]:
    """An own folder that any user may enter."""
    with tempfile.TemporaryDirectory(prefix="watari-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def answer(url: DatabaseUrl, query: str = "select 1") -> object:
    with psycopg.connect(**url.conninfo(), connect_timeout=10) as session:
        row = session.execute(query.encode()).fetchone()
        return row[0] if row else None


def owner(pid: int) -> int:
    return psutil.Process(pid).uids().real


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def eventually(holds: object, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def test_it_answers_on_loopback_only_and_asks_for_its_password(place: Path) -> None:
    with EmbeddedServer.start(place / "s") as server:
        url = server.url()
        assert answer(url, "show listen_addresses") == "127.0.0.1"
        assert answer(url, "show unix_socket_directories") == ""
        for wrong in (None, Secret("wrong")):
            with pytest.raises(psycopg.OperationalError, match="password"):
                answer(replace(url, password=wrong))
        commands = [word for process in psutil.process_iter(["cmdline"]) for word in process.info["cmdline"] or ()]
        assert url.password is not None
        assert str(place / "s" / "data") in commands
        assert not any(url.password.reveal() in word for word in commands)
        assert (place / "s" / "password").stat().st_mode & 0o077 == 0


def test_what_it_holds_is_there_after_a_restart(place: Path) -> None:
    with EmbeddedServer.start(place / "s") as server, psycopg.connect(**server.url().conninfo()) as session:
        session.execute("create table kept as select 7 as n")
    with EmbeddedServer.start(place / "s") as server:
        assert answer(server.url(), "select n from kept") == 7


def test_a_clean_end_and_ending_twice(place: Path) -> None:
    server = EmbeddedServer.start(place / "s")
    pid = server.pid
    assert pid is not None
    server.stop(clean=True)
    server.stop()
    assert not alive(pid)
    assert "database system is shut down" in server.log.read_text()
    server.remove()
    assert not (place / "s").exists()


def test_settings_are_the_callers(place: Path) -> None:
    with EmbeddedServer.start(place / "s", settings={"fsync": "on", "work_mem": "11MB"}) as server:
        assert (answer(server.url(), "show fsync"), answer(server.url(), "show work_mem")) == ("on", "11MB")


def test_the_callers_own_libpq_variables_do_not_reach_it(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:tell-nobody@h/d")
    with EmbeddedServer.start(place / "s") as server:
        assert server.pid is not None
        monkeypatch.delenv("PGPORT")
        assert answer(server.url()) == 1
        assert "tell-nobody" not in str(psutil.Process(server.pid).environ())


def test_a_setting_that_does_not_exist_is_told_in_the_servers_words(place: Path) -> None:
    with pytest.raises(EmbeddedServerFailed, match="no_such_setting"):
        EmbeddedServer.start(place / "s", settings={"no_such_setting": "1"})


def test_a_port_that_is_taken_is_told_when_it_was_asked_for(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(NoFreePort):
            EmbeddedServer.start(place / "s", port=taken.getsockname()[1])


def test_another_port_is_tried_when_a_program_was_quicker(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free = embedded.free_port()
        monkeypatch.setattr(embedded, "_ports", lambda port: iter([taken.getsockname()[1], free]))
        with EmbeddedServer.start(place / "s") as server:
            assert server.port == free
            assert answer(server.url()) == 1


def test_programs_of_a_version_that_is_not_here_are_named() -> None:
    with pytest.raises(NoServerPrograms, match="PostgreSQL 99"):
        binaries(major=99)


def test_programs_of_the_machine_are_found_by_version() -> None:
    if not Path("/usr/lib/postgresql/15/bin/initdb").exists():
        pytest.skip("PostgreSQL 15 is not installed")
    assert binaries(major=15) == Path("/usr/lib/postgresql/15/bin")


# -- its end ----------------------------------------------------------------------------------------------------------

STARTER = """
    import sys, time
    from pathlib import Path
    from watari.postgres.embedded import EmbeddedServer
    place = Path(sys.argv[1])
    server = EmbeddedServer.start(place / "s", scratch=place)
    print(server.pid, server.port, flush=True)
    {then}
"""


def starter(place: Path, then: str) -> tuple[subprocess.Popen[str], int]:
    script = textwrap.dedent(STARTER.format(then=then))
    process = subprocess.Popen([sys.executable, "-c", script, str(place)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, int(process.stdout.readline().split()[0])


def test_it_is_gone_with_its_folder_when_its_starter_was_killed(place: Path) -> None:
    scratch = place / "scratch"
    scratch.mkdir()
    process, pid = starter(scratch, "time.sleep(600)")
    assert alive(pid)
    process.kill()
    process.communicate()
    assert eventually(lambda: not alive(pid))
    assert eventually(lambda: not scratch.exists())


def test_ctrl_c_in_the_terminal_does_not_reach_it(place: Path) -> None:
    process, pid = starter(place, "time.sleep(600)")
    assert os.getpgid(pid) != os.getpgid(process.pid)
    process.kill()
    process.communicate()
    assert eventually(lambda: not alive(pid))


def test_it_outlives_its_starter_when_told_to(place: Path) -> None:
    process, pid = starter(place, "server.leave()")
    process.communicate()
    assert process.returncode == 0
    assert alive(pid)
    assert (place / "s" / "data" / "PG_VERSION").exists()
    os.kill(pid, signal.SIGQUIT)
    assert eventually(lambda: not alive(pid))


def test_a_server_that_was_killed_is_told_from_one_that_runs(place: Path) -> None:
    server = EmbeddedServer.start(place / "s")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.stop()
    with EmbeddedServer.start(place / "s") as again:
        assert answer(again.url()) == 1


# -- root -------------------------------------------------------------------------------------------------------------


@needs_root
def test_root_hands_it_to_another_user(place: Path) -> None:
    with EmbeddedServer.start(place / "s") as server:
        assert server.pid is not None
        assert owner(server.pid) not in (0, -1)
        assert server.bin_folder == binaries()


@needs_root
def test_programs_under_a_private_home_are_copied_once_to_where_the_user_may_enter(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "_SHARED_CACHE", place / "cache")
    home = private_copy_of_the_programs(place)
    with EmbeddedServer.start(place / "s", bin_folder=home) as server:
        assert server.pid is not None
        assert owner(server.pid) != 0
        assert server.bin_folder.is_relative_to(place / "cache")
        assert answer(server.url()) == 1
    made = sorted((place / "cache").iterdir())
    with EmbeddedServer.start(place / "again", bin_folder=home):
        assert sorted((place / "cache").iterdir()) == made
    assert home.parents[2].stat().st_mode & 0o777 == 0o700, "the private home stays private"


@needs_root
def test_a_private_folder_is_served_from_a_user_namespace(place: Path) -> None:
    if subprocess.run([*unprivileged._NAMESPACE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("user namespaces are not allowed here")
    private = place / "private"
    private.mkdir(mode=0o700)
    home = private_copy_of_the_programs(place)
    with EmbeddedServer.start(private / "s", bin_folder=home) as server:
        assert answer(server.url()) == 1
        assert server.bin_folder == home
        assert server.data.stat().st_uid == 0, "nothing changed hands"
        pid = server.pid
    assert pid is not None and not alive(pid)
    assert private.stat().st_mode & 0o777 == 0o700


@needs_root
def test_root_of_a_container_that_may_not_change_users_gets_a_namespace(place: Path) -> None:
    assert "answered 1" in inside_a_namespace(place, allowed=100)


@needs_root
def test_root_that_may_do_neither_gets_one_sentence(place: Path) -> None:
    assert "RootNeedsAnotherUser no user but root" in inside_a_namespace(place, allowed=0)


@needs_root
def test_a_machine_without_a_free_port_gets_one_sentence() -> None:
    script = """
        import socket
        from watari.postgres.embedded import free_port
        held = socket.create_server(("127.0.0.1", 40000))
        try:
            print(free_port())
        except Exception as e:
            print(type(e).__name__, e)
    """
    command = 'echo "40000 40000" > /proc/sys/net/ipv4/ip_local_port_range; exec "$@"'
    argv = ["unshare", "-n", "sh", "-c", command, "sh", sys.executable, "-c", textwrap.dedent(script)]
    told = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "unshare" in told.stderr:
        pytest.skip("network namespaces are not allowed here")
    assert told.stdout.startswith("NoFreePort no free TCP port on 127.0.0.1: "), told.stdout + told.stderr


def private_copy_of_the_programs(place: Path) -> Path:
    """The programs as they lie in a virtual environment under a home that only root enters."""
    home = place / "home"
    home.mkdir(mode=0o700)
    package = binaries().parents[1]
    subprocess.run(["cp", "-a", *map(str, package.parent.glob(f"{package.name}*")), str(home)], check=True)
    return home / package.name / "pginstall" / "bin"


def inside_a_namespace(place: Path, *, allowed: int) -> str:
    """Starts a server as the root of a user namespace that knows no other user and may make `allowed` more."""
    script = """
        import sys, psycopg
        from pathlib import Path
        from watari.postgres.embedded import EmbeddedServer
        try:
            with EmbeddedServer.start(Path(sys.argv[1])) as server, psycopg.connect(**server.url().conninfo()) as session:
                print("answered", *session.execute("select 1").fetchone())
        except Exception as e:
            print(type(e).__name__, e)
    """
    command = f'echo {allowed} > /proc/sys/user/max_user_namespaces; exec "$@"'
    argv = [
        "unshare",
        "-Ur",
        "sh",
        "-c",
        command,
        "sh",
        sys.executable,
        "-c",
        textwrap.dedent(script),
        str(place / "s"),
    ]
    told = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "unshare" in told.stderr:
        pytest.skip("user namespaces are not allowed here")
    return told.stdout + told.stderr
