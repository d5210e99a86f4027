"""A recorder on a fresh database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder that a server of another user may enter; pytest closes its own to others whenever a session begins."""
    folder = Path(tempfile.mkdtemp(prefix="watari-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def recorder(database: DatabaseUrl) -> Iterator[Recorder]:
    """A recorder on a fresh database that holds `old` with 1,000 rows and `empty`."""
    with psycopg.connect(**database.conninfo(), autocommit=True) as made:
        made.execute("create table old (id int primary key, n text)")
        made.execute("insert into old select g, g from generate_series(1, 1000) g")
        made.execute("create table empty (id int)")
        made.execute("analyze old")
    with Recorder(database) as opened:
        yield opened


@pytest.fixture
def through(recorder: Recorder) -> Iterator[Callable[..., psycopg.Connection]]:
    """Opens sessions through the recorder; psycopg's own words for the rest."""
    opened: list[psycopg.Connection] = []

    def open_session(**words: object) -> psycopg.Connection:
        connection = psycopg.connect(**recorder.url.conninfo(), **words)  # type: ignore[arg-type]
        opened.append(connection)
        return connection

    yield open_session
    for connection in opened:
        connection.close()


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a file of SQL."""

    def write(text: str) -> Path:
        file = tmp_path / "script.sql"
        file.write_text(text, encoding="utf-8")
        return file

    return write
