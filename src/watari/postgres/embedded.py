"""A throw-away PostgreSQL server, also for root: a folder and settings in, a running server on loopback out.

It listens on 127.0.0.1 only and asks for a password that was drawn at random, because whoever reaches a superuser of the
server can run programs as the server's user. It makes its cluster anew (0.4 s) instead of copying a template: copies would
share their system identifier, by which backups and rehearsals tell servers apart. `keeper.py` ends the server when the
process that started it is gone.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from watari.errors.programs import EmbeddedServerFailed, NoFreePort
from watari.late import pattern
from watari.locale.system import reason_of
from watari.postgres import keeper
from watari.postgres.installations import server_programs
from watari.postgres.unprivileged import Runner, runner_for
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl

__all__ = ["EmbeddedServer", "binaries", "free_port"]

_START_SECONDS = 60.0
_STOP_SECONDS = 60.0
_PORT_TRIES = 10
#: A cluster that nobody will miss need not survive a power cut.
_SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off", "full_page_writes": "off"}
_PORT_TAKEN = pattern(r"could not (bind|create any TCP/IP sockets)")
_COMPLAINT = pattern(r"(?:FATAL|PANIC|ERROR|error):\s+(.*)")


def binaries(*, major: int | None = None) -> Path:
    """The folder of initdb and postgres; of the server version `major` where it is given. Raises `NoServerPrograms`."""
    return server_programs(major=major)


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on now; raises `NoFreePort`."""
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])
    except OSError as reason:
        raise NoFreePort(reason=reason_of(reason)) from None


class EmbeddedServer:
    """One running server, its data under `folder`; `stop()` or leaving the context ends it."""

    def __init__(self, folder: Path, runner: Runner, password: Secret | None, orphaned: Sequence[Path]) -> None:
        self.folder = folder
        self.port = 0
        self._runner = runner
        self._password = password
        self._orphaned = orphaned
        self._keeper: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        bin_folder: Path | None = None,
        port: int | None = None,
        trust: bool = False,
        scratch: Path | None = None,
    ) -> EmbeddedServer:
        """Makes a cluster under `folder` (or takes the one that is there), starts it and waits until it answers.

        `settings` are server parameters; without `port` a free one is taken. `trust` asks for no password (for tests of
        logins). Should this process be killed, the server stops and `folder`, or `scratch` around it, is deleted.
        Raises `NoServerPrograms`, `RootNeedsAnotherUser`, `EmbeddedServerFailed`, `NoFreePort`.
        """
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        runner = runner_for(folder, bin_folder or binaries())
        password = None if trust else _password(folder / "password", runner)
        server = cls(folder, runner, password, [scratch or folder])
        if not (server.data / "PG_VERSION").exists():
            server._initialise()
        server._launch({**_SETTINGS, **_shared_memory(), **(settings or {})}, port)
        return server

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    def bin_folder(self) -> Path:
        """The folder of the programs that it runs."""
        return self._runner.programs

    @property
    def log(self) -> Path:
        """Where the server writes its log."""
        return self.folder / "server.log"

    @property
    def pid(self) -> int | None:
        """The server's process id; None where it does not run."""
        lines = self._postmaster()
        return int(lines[0]) if lines else None

    def url(self, database: str = "postgres") -> DatabaseUrl:
        """The address of a database of this server, password included."""
        return DatabaseUrl(
            host="127.0.0.1", port=self.port, user="postgres", password=self._password, database=database
        )

    def stop(self, *, clean: bool = False) -> None:
        """Ends the server and waits for it: at once, or `clean` with a checkpoint. Doing it twice is fine."""
        self._tell(b"c" if clean else b"s")

    def leave(self) -> None:
        """Lets the server run on when this process ends; it is then stopped by its process id."""
        self._tell(b"k")

    def remove(self) -> None:
        """Ends the server and deletes its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    # -- making and starting ------------------------------------------------------------------------------------------

    def _initialise(self) -> None:
        arguments = ["-D", str(self.data), "-U", "postgres", "-E", "UTF8", "--no-sync", "--locale=C"]
        if self._password is None:
            arguments += ["-A", "trust"]
        else:
            arguments += ["-A", "scram-sha-256", f"--pwfile={self.folder / 'password'}"]
        done = self._runner.run(self._runner.argv("initdb", *arguments), _environment())
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise EmbeddedServerFailed(folder=self.folder, reason=_last_complaint(done.stderr or done.stdout))

    def _launch(self, settings: Mapping[str, str], port: int | None) -> None:
        for chosen in _ports(port):
            self.port = chosen
            begin = self.log.stat().st_size if self.log.exists() else 0
            arguments = ["-D", str(self.data), "-p", str(chosen)]
            for name, value in settings.items():
                arguments += ["-c", f"{name}={value}"]
            self._keeper = self._keep(self._runner.argv("postgres", *arguments))
            if self._answers():
                return
            self.stop()
            said = self.log.read_bytes()[begin:].decode(errors="replace")
            if not _PORT_TAKEN.search(said):
                raise EmbeddedServerFailed(folder=self.folder, reason=_last_complaint(said))
        raise NoFreePort(reason=_last_complaint(said))

    def _keep(self, argv: list[str]) -> subprocess.Popen[bytes]:
        order = {
            "argv": argv,
            "uid": self._runner.uid,
            "gid": self._runner.gid,
            "log": str(self.log),
            "orphaned": [str(folder) for folder in self._orphaned],
        }
        if not _alive(self.pid):
            # left by a server that was killed: its "ready" would be taken for the new one's
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=_environment(),
        )

    def _answers(self) -> bool:
        assert self._keeper is not None
        end = time.monotonic() + _START_SECONDS
        while self._keeper.poll() is None and time.monotonic() < end:
            lines = self._postmaster()
            if len(lines) >= 8 and lines[7].strip() in ("ready", "standby"):
                return True
            time.sleep(0.005)
        return False

    def _postmaster(self) -> list[str]:
        """The lines of the server's own pid file: process id first, state eighth; none where it does not run."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    # -- ending -------------------------------------------------------------------------------------------------------

    def _tell(self, word: bytes) -> None:
        process, self._keeper = self._keeper, None
        if process is None:
            return
        assert process.stdin is not None
        try:
            process.stdin.write(word)
            process.stdin.close()
        except BrokenPipeError:
            pass  # the server has ended by itself, and its keeper after it
        process.wait(_STOP_SECONDS)


def _password(file: Path, runner: Runner) -> Secret:
    """The password of the cluster beside `file`: read where it is kept, else drawn and kept for the server's user."""
    try:
        return Secret(file.read_text())
    except FileNotFoundError:
        drawn = secrets.token_hex(24)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as kept:
            kept.write(drawn)
        runner.hand_over(file)
        return Secret(drawn)


def _ports(port: int | None) -> Iterator[int]:
    """The port asked for; otherwise free ones, since another program may be quicker to take one."""
    if port is not None:
        yield port
        return
    for _ in range(_PORT_TRIES):
        yield free_port()


def _shared_memory() -> dict[str, str]:
    """Containers often have 64 MB of shared memory, too little for one parallel index build: then plain files serve."""
    try:
        place = os.statvfs("/dev/shm")
    except OSError:
        return {}
    return {"dynamic_shared_memory_type": "mmap"} if place.f_bavail * place.f_frsize < 512 << 20 else {}


def _environment() -> dict[str, str]:
    """What the server may know of ours: neither PG* variables nor anything secret; its messages in English."""
    kept = {name: os.environ[name] for name in ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C"}


def _last_complaint(said: str) -> str:
    """The line that says why, out of a server's or initdb's words."""
    found = _COMPLAINT.findall(said)
    lines = [line for line in said.strip().splitlines() if line.strip()]
    return str(found[0] if found else lines[-1] if lines else "it said nothing")


def _alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
